import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import {
  type CandidateQuery,
  type Enqueued,
  Reconciliation,
  type ReconciliationSource
} from "../../src/services/Reconciliation.ts"
import { toReconciliationError } from "./reconciliationError.ts"
import * as Statements from "./reconciliationStatements.ts"

const common = { tenantId: Schema.String, id: Schema.String, tries: Schema.Int, jobIds: Schema.Array(Schema.String) }
const decodeInvoices = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ ...common, generation: Schema.Int })))
const decodeDeliveries = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  ...common,
  webhookId: Schema.String,
  event: Schema.String,
  url: Schema.String,
  payload: Schema.Record(Schema.String, Schema.Unknown)
})))
const decodeGot = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ got: Schema.Boolean })))

const invoices = (sql: SqlClient.SqlClient): ReconciliationSource<"invoice-processing"> => {
  const queue = QUEUE_NAMES.INVOICE_PROCESSING
  return {
    name: "invoices",
    queue,
    candidates: Effect.fn("Reconciliation.invoices")((query: CandidateQuery) =>
      Statements.invoiceCandidates(sql, queue, query).pipe(
        Effect.flatMap(decodeInvoices),
        Effect.map((rows) =>
          rows.map(({ generation, ...row }) => ({
            ...row,
            data: { invoiceId: row.id, tenantId: row.tenantId, ...(generation > 1 ? { generation } : {}) }
          }))
        ),
        Effect.mapError(toReconciliationError)
      )
    ),
    ...recording(sql, "invoices")
  }
}

/** The secret and the address's path stay where they are: who delivers reads them from the webhook's row. */
const deliveries = (sql: SqlClient.SqlClient): ReconciliationSource<"webhook-delivery"> => ({
  name: "deliveries",
  queue: QUEUE_NAMES.WEBHOOK_DELIVERY,
  candidates: Effect.fn("Reconciliation.deliveries")((query: CandidateQuery) =>
    Statements.deliveryCandidates(sql, QUEUE_NAMES.WEBHOOK_DELIVERY, query).pipe(
      Effect.flatMap(decodeDeliveries),
      Effect.map((rows) =>
        rows.map(({ event, payload, url, webhookId, ...row }) => ({
          ...row,
          data: { webhookId, webhookDeliveryId: row.id, tenantId: row.tenantId, event, url, secret: null, payload }
        }))
      ),
      Effect.mapError(toReconciliationError)
    )
  ),
  ...recording(sql, "deliveries")
})

const recording = (sql: SqlClient.SqlClient, what: Statements.Reconciled) => ({
  record: (incarnation: string, rows: ReadonlyArray<Enqueued>) =>
    rows.length === 0
      ? Effect.void
      : Statements.recordEnqueued(sql, what, incarnation, rows).pipe(Effect.asVoid, Effect.mapError(toReconciliationError)),
  recordAlive: (rows: ReadonlyArray<{ readonly tenantId: string; readonly id: string }>) =>
    rows.length === 0 ? Effect.void : Statements.recordAlive(sql, what, rows).pipe(Effect.asVoid, Effect.mapError(toReconciliationError))
})

/** `Reconciliation` in PostgreSQL. `more` are further kinds of rows that must have a job. */
export const layer = (
  more: (sql: SqlClient.SqlClient) => ReadonlyArray<ReconciliationSource> = () => []
): Layer.Layer<Reconciliation, never, SqlClient.SqlClient> =>
  Layer.effect(
    Reconciliation,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Reconciliation.of({
        sources: [invoices(sql), deliveries(sql), ...more(sql)],
        noteIncarnation: Effect.fn("Reconciliation.noteIncarnation")((queue: QueueName, incarnation: string) =>
          Statements.noteIncarnation(sql, queue, incarnation).pipe(Effect.asVoid, Effect.mapError(toReconciliationError))
        ),
        alone: (work, effect) =>
          sql.withTransaction(Effect.gen(function*() {
            const [lock] = yield* Statements.tryLock(sql, work).pipe(Effect.flatMap(decodeGot), Effect.mapError(toReconciliationError))
            return lock?.got === true ? yield* effect : null
          })).pipe(Effect.catchIf(isSqlError, (error) => Effect.fail(toReconciliationError(error))))
      }))
  )
