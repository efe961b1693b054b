import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { retentionPeriods, type StoreName } from "../../src/domain/retentionPeriods.ts"
import { RetentionError, type RetentionStore, RetentionStores } from "../../src/services/RetentionStores.ts"
import { endStaleCalls } from "./PostgresPaidCalls.ts"
import { removeIdleLimits } from "./limits/PostgresLimitStores.ts"
import { serverMessageOf } from "./sqlState.ts"
import * as Statements from "./webhookStatements.ts"

interface Bounds {
  readonly olderThan: Duration.Duration
  readonly limit: number
}

type Forget = (bounds: Bounds) => Effect.Effect<number, unknown, SqlClient.SqlClient>

const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ forgotten: Schema.Int })]))

/**
 * Deletes rows of a table that became old at `since` (SQL; null for never), and that `where` (SQL) lets go. Rows that
 * somebody has locked are passed over.
 */
const rowsOf = (table: string, since: string, where = "true"): Forget => ({ limit, olderThan }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [{ forgotten }] = yield* sql`WITH gone AS (
        DELETE FROM ${sql.literal(table)} WHERE ctid = ANY (ARRAY(
          SELECT t.ctid FROM ${sql.literal(table)} t
          WHERE ${sql.literal(since)} < now() - ${Duration.toMillis(olderThan)}::float8 * interval '1 millisecond' AND ${sql.literal(where)}
          LIMIT ${limit} FOR UPDATE OF t SKIP LOCKED
        )) RETURNING 1
      ) SELECT count(*)::int AS forgotten FROM gone`.pipe(Effect.flatMap(decodeCount))
    return forgotten
  })

/** With their attempts. Only what this worker has had in hand: what the API wrote before is the API's. */
const forgetDeliveries: Forget = ({ limit, olderThan }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [{ forgotten }] = yield* Statements.forgetDeliveries(sql, Duration.toMillis(olderThan), limit).pipe(Effect.flatMap(decodeCount))
    return forgotten
  })

/** Below the cursor only: above it, a row is what keeps a mail from being looked at again. */
const belowCursor = `NOT EXISTS (SELECT 1 FROM tt_worker.mail_folders f WHERE f."tenantId" = t."tenantId" AND f."mailboxId" = t."mailboxId"
  AND f.folder = t.folder AND f."uidValidity" = t."uidValidity" AND t.uid >= f.cursor)`

const noRowIn = (table: string, column: string): string =>
  `NOT EXISTS (SELECT 1 FROM ${table} o WHERE o.id = t."${column}" AND o."tenantId" = t."tenantId")`

/**
 * Who read an invoice is noted with the answer, so that one without such a note has lost its invoice. What nobody answered
 * for an hour, nobody will; a newer call may be under way.
 */
const answerHasNoInvoice = `((t.answer IS NULL OR t."callId" IS NOT NULL) AND t."heldAt" < now() - interval '1 hour' OR t.answer IS NOT NULL AND t."callId" IS NULL)
  AND NOT EXISTS (SELECT 1 FROM tt_worker.invoice_readers r WHERE r."tenantId" = t."tenantId" AND r.sha256 = t.sha256)`

/** One line for each store, named as in `retentionPeriods`. */
const stores: Readonly<Record<StoreName, Forget>> = {
  "runs": rowsOf("tt_worker.occurrences", `t."finishedAt"`),
  "processes": rowsOf("tt_worker.processes", `coalesce(t."endedAt", t."heartbeatAt")`),
  "job-histories": rowsOf("tt_worker.job_claims", `t."startedAt"`, `NOT EXISTS (SELECT 1 FROM tt_worker.processes p WHERE p.id = t."processId" AND p."endedAt" IS NULL)`),
  "operators-commands": rowsOf("tt_worker.control_log", "t.at"),
  "refused-jobs": rowsOf("tt_worker.outbox", `t."setAsideAt"`),
  "idle-limits": ({ limit }) => removeIdleLimits(limit),
  "claims-of-deleted-invoices": rowsOf("tt_worker.invoice_claims", `t."updatedAt"`, noRowIn("invoices", "invoiceId")),
  "records-of-deleted-files": rowsOf("tt_worker.received_files", `t."recordedAt"`, `NOT EXISTS (SELECT 1 FROM invoices o WHERE o."tenantId" = t."tenantId" AND o."fileKey" = t."fileKey")`),
  "automation-runs": rowsOf("tt_worker.automation_runs", `t."createdAt"`),
  "webhook-deliveries": forgetDeliveries,
  "mails": rowsOf("tt_worker.mail_messages", `t."updatedAt"`, belowCursor),
  "mail-requests": rowsOf("tt_worker.mail_requests", `t."askedAt"`),
  "records-of-deleted-deliveries": rowsOf("tt_worker.delivery_reconciliation", `t."reconciledAt"`, noRowIn("webhook_deliveries", "deliveryId")),
  "paid-calls": rowsOf("tt_worker.provider_calls", `t."endedAt"`),
  "unfinished-paid-calls": ({ limit, olderThan }) => endStaleCalls(olderThan, limit),
  "readers-of-deleted-invoices": rowsOf("tt_worker.invoice_readers", `t."readAt"`, noRowIn("invoices", "invoiceId")),
  "kept-answers": rowsOf("tt_worker.kept_answers", `greatest(t."answeredAt", t."heldAt")`),
  "answers-of-deleted-invoices": rowsOf("tt_worker.kept_answers", `t."heldAt"`, answerHasNoInvoice)
}

const names = Object.keys(retentionPeriods).filter((name): name is StoreName => name in stores)

/** `RetentionStores` in PostgreSQL. */
export const PostgresRetention: Layer.Layer<RetentionStores, never, SqlClient.SqlClient> = Layer.effect(
  RetentionStores,
  Effect.map(Effect.context<SqlClient.SqlClient>(), (context) =>
    RetentionStores.of({
      all: names.map((store): RetentionStore => ({
        name: store,
        forget: Effect.fn("RetentionStores.forget")((bounds: Bounds) =>
          stores[store](bounds).pipe(
            Effect.provideContext(context),
            Effect.mapError((error) => new RetentionError({ store, detail: isSqlError(error) ? serverMessageOf(error) : "its answer does not fit", cause: error }))
          )
        )
      }))
    }))
)
