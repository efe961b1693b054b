import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import type { StorageKey } from "../../src/domain/ids.ts"
import { type JobSubject, Leftovers } from "../../src/services/Leftovers.ts"
import { toReconciliationError } from "./reconciliationError.ts"

const decodeSubjects = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ tenantId: Schema.String, id: Schema.String })))
const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ count: Schema.Int })]))

/** Where a queue's jobs have their rows: `r` is the row, `s` the subject. */
const rows: Readonly<Record<QueueName, string>> = {
  [QUEUE_NAMES.INVOICE_PROCESSING]: `invoices r WHERE r."tenantId" = s.tenant AND r.id = s.id`,
  [QUEUE_NAMES.WEBHOOK_DELIVERY]: `webhook_deliveries r WHERE r."tenantId" = s.tenant AND r.id = s.id`,
  [QUEUE_NAMES.AUTOMATION]: `tenant_users r WHERE r."tenantId" = s.tenant AND r.id = s.id`,
  [QUEUE_NAMES.EMAIL_SYNC]: `tenants r WHERE r.id = s.tenant`
}

/** `Leftovers` in PostgreSQL. */
export const PostgresLeftovers: Layer.Layer<Leftovers, never, SqlClient.SqlClient> = Layer.effect(
  Leftovers,
  Effect.map(SqlClient.SqlClient, (sql) =>
    Leftovers.of({
      withoutRow: Effect.fn("Leftovers.withoutRow")((queue: QueueName, subjects: ReadonlyArray<JobSubject>) =>
        sql`SELECT s.tenant AS "tenantId", s.id FROM json_to_recordset(${JSON.stringify(subjects.map(({ id, tenantId }) => ({ tenant: tenantId, id })))}::text::json) AS s(tenant text, id text)
          WHERE NOT EXISTS (SELECT 1 FROM ${sql.literal(rows[queue])})`.pipe(Effect.flatMap(decodeSubjects), Effect.mapError(toReconciliationError))
      ),
      unnamedFiles: Effect.fn("Leftovers.unnamedFiles")((keys: ReadonlyArray<StorageKey>) =>
        sql`SELECT count(*)::int AS count FROM json_array_elements_text(${JSON.stringify(keys)}::text::json) AS k(key)
          WHERE NOT EXISTS (SELECT 1 FROM invoices i WHERE i."fileKey" = k.key)`.pipe(
          Effect.flatMap(decodeCount),
          Effect.map(([{ count }]) => count),
          Effect.mapError(toReconciliationError)
        )
      )
    }))
)
