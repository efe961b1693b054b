import { Effect, Layer, Random, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import { DemoApi, DemoApiError, type UploadedFile } from "../../src/services/DemoApi.ts"

const tenantId = TenantId.make("demo-tenant")
const webhookId = "demo-webhook"

const text = Schema.NullOr(Schema.String)
const Rows = Schema.Array(Schema.Struct({
  id: InvoiceId,
  status: Schema.String,
  readingSource: text,
  supplierName: text,
  invoiceNumber: text,
  invoiceDate: text,
  dueDate: text,
  currency: text,
  amountHT: text,
  amountTVA: text,
  amountTTC: text,
  iban: text,
  confidence: Schema.NullOr(Schema.Finite),
  needsReview: Schema.NullOr(Schema.Boolean),
  errorCode: text,
  errorMessage: text
}))
const decodeSince = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ since: Schema.String })]))
const decodeDeliveries = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String, event: Schema.String, status: Schema.String, errorClass: text })))
const decodeRows = Schema.decodeUnknownEffect(Rows)

/** A CUID's shape: a letter, then 24 of a-z and 0-9. */
const newId = Effect.map(
  Effect.all(Array.from({ length: 24 }, () => Random.nextIntBetween(0, 35))),
  (digits) => InvoiceId.make(`c${digits.map((digit) => digit.toString(36)).join("")}`)
)

/** `DemoApi` in PostgreSQL. */
export const PostgresDemoApi: Layer.Layer<DemoApi, never, SqlClient.SqlClient> = Layer.effect(
  DemoApi,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const failed = (cause: unknown) =>
      new DemoApiError({
        detail: isSqlError(cause) && cause.reason._tag === "ConnectionError"
          ? "the database cannot be reached any more; is the worker still running?"
          : cause instanceof Error ? cause.message : "unknown error",
        cause
      })

    return DemoApi.of({
      openTenant: sql`INSERT INTO tenants AS t (id, name, features) VALUES (${tenantId}, 'Démonstration', '{"invoices": true}')
        ON CONFLICT (id) DO UPDATE SET features = coalesce(t.features, '{}') || '{"invoices": true}'`.pipe(
          Effect.as(tenantId),
          Effect.mapError(failed),
          Effect.withSpan("DemoApi.openTenant")
        ),
      newInvoiceId: newId,
      upload: Effect.fn("DemoApi.upload")((tenantId: TenantId, file: UploadedFile) =>
        sql`INSERT INTO invoices (id, "tenantId", "fileKey", "fileName", "updatedAt")
          VALUES (${file.id}, ${tenantId}, ${file.key}, ${file.name}, now())`.pipe(Effect.asVoid, Effect.mapError(failed))
      ),
      subscribe: Effect.fn("DemoApi.subscribe")(function*(tenantId: TenantId, { events, secret, url }) {
        const [row] = yield* Effect.acquireRelease(
          sql`INSERT INTO webhooks (id, "tenantId", url, secret, events, active, "updatedAt")
            VALUES (${webhookId}, ${tenantId}, ${url}, ${secret}, string_to_array(${events.join(",")}, ','), true, now())
            ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, events = excluded.events, active = true, "updatedAt" = now()
            RETURNING clock_timestamp()::text AS since`.pipe(Effect.flatMap(decodeSince)),
          () => Effect.ignore(sql`UPDATE webhooks SET active = false, "updatedAt" = now() WHERE "tenantId" = ${tenantId} AND id = ${webhookId}`)
        )
        return {
          deliveries: sql`SELECT id, event, status::text AS status, "errorClass" FROM webhook_deliveries
            WHERE "tenantId" = ${tenantId} AND "webhookId" = ${webhookId} AND "createdAt" >= ${row.since}::text::timestamptz AT TIME ZONE 'UTC' - interval '1 millisecond'`.pipe(
              Effect.flatMap(decodeDeliveries),
              Effect.mapError(failed)
            )
        }
      }, Effect.mapError(failed)),
      list: Effect.fn("DemoApi.list")(function*(tenantId: TenantId, ids: ReadonlyArray<InvoiceId>) {
        const rows = yield* sql`SELECT id, status::text AS status, "readingSource", "supplierName", "invoiceNumber",
            "invoiceDate"::text AS "invoiceDate", "dueDate"::text AS "dueDate", currency::text AS currency,
            "amountHT"::text AS "amountHT", "amountTVA"::text AS "amountTVA", "amountTTC"::text AS "amountTTC", iban,
            confidence::float8 AS confidence, "needsReview", "errorCode", "errorMessage"
          FROM invoices WHERE "tenantId" = ${tenantId} AND ${sql.in("id", ids)}`
        return yield* decodeRows(rows)
      }, Effect.mapError(failed))
    })
  })
)
