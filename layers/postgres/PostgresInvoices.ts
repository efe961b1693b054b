import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { type InvoiceId, StorageKey, type TenantId } from "../../src/domain/ids.ts"
import { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import { decideRun } from "../../src/domain/InvoiceStatus.ts"
import { Reading } from "../../src/domain/Reading.ts"
import {
  ClaimAnswer,
  type ClaimRequest,
  type FailureNote,
  type InvoiceClaim,
  Invoices,
  InvoicesError,
  InvoicesReason,
  ReprocessingAnswer
} from "../../src/services/Invoices.ts"
import { JobOutbox, JobOutboxError } from "../../src/services/JobOutbox.ts"
import * as Statements from "./invoiceStatements.ts"
import { isMisfit } from "./sqlState.ts"

const ClaimRow = Schema.Struct({
  status: Schema.String,
  archived: Schema.Boolean,
  fileKey: Schema.NullOr(Schema.String),
  generation: Schema.Int,
  processedGeneration: Schema.Int,
  claimedByOther: Schema.Boolean,
  leaseMillis: Schema.NullOr(Schema.Int)
})
const storageKeyOf = (text: string | null): StorageKey | null => text === null || text === "" ? null : StorageKey.make(text)
const decodeClaimRows = Schema.decodeUnknownEffect(Schema.Array(ClaimRow))
const decodeEpochs = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ epoch: Schema.BigIntFromString })))
const decodeGenerations = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ generation: Schema.NullOr(Schema.Int), status: Schema.String })))
const encodeFields = Schema.encodeEffect(Schema.fromJsonString(InvoiceFields))
const encodeRest = Schema.encodeEffect(Schema.fromJsonString(Reading.mapFields(({ confidence, evidence, needsReview, source, warnings }) => ({ confidence, evidence, needsReview, source, warnings }))))

/** SQL and decoding errors become ours; ours pass. */
const toInvoicesError = (invoiceId: string, doing: string) => (error: unknown): InvoicesError => {
  if (error instanceof InvoicesError) return error
  if (error instanceof JobOutboxError) {
    const reason = error.reason === "unavailable" ? InvoicesReason.Unavailable() : InvoicesReason.Misfit()
    return new InvoicesError({ invoiceId, reason, detail: `${doing}: ${error.message}`, cause: error })
  }
  if (isSqlError(error)) {
    return isMisfit(error)
      ? new InvoicesError({ invoiceId, reason: InvoicesReason.Misfit(), detail: `${doing}: ${error.message}; the tables do not fit, run \`migrate\``, cause: error })
      : new InvoicesError({ invoiceId, reason: InvoicesReason.Unavailable(), detail: `${doing}: ${error.message}`, cause: error })
  }
  return new InvoicesError({ invoiceId, reason: InvoicesReason.Misfit(), detail: `${doing}: the row does not fit`, cause: error })
}

const claimLost = (claim: InvoiceClaim, doing: string) =>
  new InvoicesError({
    invoiceId: claim.invoiceId,
    reason: InvoicesReason.ClaimLost(),
    detail: `${doing}: another worker or a person has taken the invoice over; nothing was written`
  })

/** `Invoices` in PostgreSQL. */
export const PostgresInvoices: Layer.Layer<Invoices, never, SqlClient.SqlClient | JobOutbox> = Layer.effect(
  Invoices,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const outbox = yield* JobOutbox

    /** All or nothing: each statement must find its one row, or the claim is lost and nothing is kept. */
    const fenced = (claim: InvoiceClaim, doing: string, ...statements: ReadonlyArray<Effect.Effect<ReadonlyArray<unknown>, unknown>>) =>
      sql.withTransaction(
        Effect.forEach(statements, (statement) =>
          Effect.flatMap(statement, (rows) => rows.length === 1 ? Effect.void : Effect.fail(claimLost(claim, doing))), { discard: true })
      ).pipe(Effect.mapError(toInvoicesError(claim.invoiceId, doing)))

    const claim = Effect.fn("Invoices.claim")(
      function*(tenantId: TenantId, invoiceId: InvoiceId, request: ClaimRequest) {
        yield* Statements.lockInvoice(sql, tenantId, invoiceId)
        const [row] = yield* Statements.loadForClaim(sql, tenantId, invoiceId, request.jobId).pipe(Effect.flatMap(decodeClaimRows))
        if (row === undefined) return ClaimAnswer.NotFound()
        const decision = decideRun({ ...row, askedGeneration: request.generation })
        switch (decision) {
          case "wait-for-other":
            return ClaimAnswer.Busy({ retryAfter: Duration.millis(row.leaseMillis ?? 0) })
          case "already-processed":
          case "belongs-to-people":
          case "archived":
            return ClaimAnswer.Skipped({ reason: decision })
          case "run": {
            const generation = Math.max(row.generation, request.generation)
            const leaseMillis = Duration.toMillis(request.lease)
            const [taken] = yield* Statements.takeClaim(sql, { tenantId, invoiceId, generation, leaseMillis, jobId: request.jobId, holder: request.holder }).pipe(
              Effect.flatMap(decodeEpochs)
            )
            yield* Statements.moveToProcessing(sql, tenantId, invoiceId)
            return ClaimAnswer.Claimed({
              invoice: { claim: { tenantId, invoiceId, epoch: taken?.epoch ?? 0n, generation }, fileKey: storageKeyOf(row.fileKey) }
            })
          }
        }
      },
      (effect, _tenantId, invoiceId) =>
        sql.withTransaction(effect).pipe(Effect.mapError(toInvoicesError(invoiceId, "it could not be taken")))
    )

    return Invoices.of({
      claim,
      renew: Effect.fn("Invoices.renew")((claim: InvoiceClaim, lease: Duration.Duration) =>
        fenced(claim, "the claim could not be renewed", Statements.renewLease(sql, claim, Duration.toMillis(lease)))
      ),
      complete: Effect.fn("Invoices.complete")(function*(claim: InvoiceClaim, reading: Reading, sha256: string) {
        const doing = "the reading could not be saved"
        const [fields, rest] = yield* Effect.all([encodeFields(reading.fields), encodeRest(reading)]).pipe(
          Effect.mapError(toInvoicesError(claim.invoiceId, doing))
        )
        yield* fenced(
          claim,
          doing,
          Statements.writeReading(sql, claim, fields, rest),
          Statements.closeProcessed(sql, claim, fields, sha256)
        )
      }),
      fail: Effect.fn("Invoices.fail")((claim: InvoiceClaim, note: FailureNote) =>
        fenced(
          claim,
          "the error could not be recorded",
          Statements.writeError(sql, claim, note, "error"),
          Statements.closeFailed(sql, claim, note, null)
        )
      ),
      noteRetry: Effect.fn("Invoices.noteRetry")((claim: InvoiceClaim, note: FailureNote, next: DateTime.Utc) =>
        fenced(
          claim,
          "the failed attempt could not be recorded",
          Statements.writeError(sql, claim, note, "processing"),
          Statements.closeFailed(sql, claim, note, DateTime.formatIso(next))
        )
      ),
      release: Effect.fn("Invoices.release")((claim: InvoiceClaim) =>
        Statements.letGo(sql, claim).pipe(
          Effect.asVoid,
          Effect.mapError(toInvoicesError(claim.invoiceId, "it could not be let go"))
        )
      ),
      setAside: Effect.fn("Invoices.setAside")((tenantId: TenantId, invoiceId: InvoiceId, reason: string) =>
        sql.withTransaction(Effect.gen(function*() {
          yield* Statements.lockInvoice(sql, tenantId, invoiceId)
          yield* Statements.backToNew(sql, tenantId, invoiceId)
          yield* Statements.noteSkip(sql, tenantId, invoiceId, reason)
        })).pipe(Effect.mapError(toInvoicesError(invoiceId, "it could not be set aside")))
      ),
      requestReprocessing: Effect.fn("Invoices.requestReprocessing")((tenantId: TenantId, invoiceId: InvoiceId, options?: { readonly askAgain: boolean }) =>
        sql.withTransaction(Effect.gen(function*() {
          const [row] = yield* Statements.raiseGeneration(sql, tenantId, invoiceId, options?.askAgain === true).pipe(Effect.flatMap(decodeGenerations))
          if (row === undefined) return ReprocessingAnswer.NotFound()
          const { generation, status } = row
          if (generation === null) return ReprocessingAnswer.BelongsToPeople({ status })
          const jobId = yield* outbox.enqueue(QUEUE_NAMES.INVOICE_PROCESSING, { invoiceId, tenantId, generation })
          return ReprocessingAnswer.Asked({ generation, jobId })
        })).pipe(Effect.mapError(toInvoicesError(invoiceId, "it could not be asked for again")))
      )
    })
  })
)
