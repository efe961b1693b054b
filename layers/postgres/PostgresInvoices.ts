import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { type InvoiceError, invoiceEventKey, type InvoiceProcessed } from "../../src/domain/events/invoiceEvents.ts"
import { type InvoiceId, StorageKey, type TenantId } from "../../src/domain/ids.ts"
import { DocumentType, InvoiceFields } from "../../src/domain/InvoiceFields.ts"
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
import { Events, EventsError } from "../../src/services/Events.ts"
import { currentTraceparent } from "./currentTraceparent.ts"
import { flagDuplicate } from "./flagDuplicate.ts"
import * as Statements from "./invoiceStatements.ts"
import { isMisfit, serverMessageOf } from "./sqlState.ts"

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
const decodeAnswer = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Union([
  Schema.Struct({ outcome: Schema.Literal("asked"), generation: Schema.Int, jobId: Schema.String }),
  Schema.Struct({ outcome: Schema.Literal("not-found") }),
  Schema.Struct({ outcome: Schema.Literal("belongs-to-people"), status: Schema.String })
])]))
const text = Schema.NullOr(Schema.String)
const decodeTold = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  documentType: Schema.NullOr(DocumentType),
  supplierName: text,
  invoiceNumber: text,
  invoiceDate: text,
  dueDate: text,
  currency: text,
  amountHT: text,
  amountTVA: text,
  amountTTC: text,
  timestamp: Schema.String
})))
const decodeTimes = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ timestamp: Schema.String })))
const encodeFields = Schema.encodeEffect(Schema.fromJsonString(InvoiceFields))
const encodeRest = Schema.encodeEffect(Schema.fromJsonString(Reading.mapFields(({ confidence, evidence, needsReview, source, warnings }) => ({ confidence, evidence, needsReview, source, warnings }))))

/** SQL and decoding errors become ours; ours pass. */
const toInvoicesError = (invoiceId: string, doing: string) => (error: unknown): InvoicesError => {
  if (error instanceof InvoicesError) return error
  if (error instanceof EventsError) {
    const reason = error.reason === "unavailable" ? InvoicesReason.Unavailable() : InvoicesReason.Misfit()
    return new InvoicesError({ invoiceId, reason, detail: `${doing}: ${error.message}`, cause: error })
  }
  if (isSqlError(error)) {
    const message = serverMessageOf(error)
    return isMisfit(error)
      ? new InvoicesError({ invoiceId, reason: InvoicesReason.Misfit(), detail: `${doing}: ${message}; the tables do not fit, run \`migrate\``, cause: error })
      : new InvoicesError({ invoiceId, reason: InvoicesReason.Unavailable(), detail: `${doing}: ${message}`, cause: error })
  }
  return new InvoicesError({ invoiceId, reason: InvoicesReason.Misfit(), detail: `${doing}: the row does not fit`, cause: error })
}

const subject = ({ generation, invoiceId, tenantId }: InvoiceClaim) => ({ tenantId, invoiceId, generation })

const claimLost = (claim: InvoiceClaim, doing: string) =>
  new InvoicesError({
    invoiceId: claim.invoiceId,
    reason: InvoicesReason.ClaimLost(),
    detail: `${doing}: another worker or a person has taken the invoice over; nothing was written`
  })

/** `Invoices` in PostgreSQL. */
export const PostgresInvoices: Layer.Layer<Invoices, never, SqlClient.SqlClient | Events> = Layer.effect(
  Invoices,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const events = yield* Events

    /** All or nothing: each statement must find its one row, or the claim is lost and nothing is kept. */
    const fenced = (claim: InvoiceClaim, doing: string, ...statements: ReadonlyArray<Effect.Effect<ReadonlyArray<unknown>, unknown>>) =>
      sql.withTransaction(
        Effect.forEach(statements, (statement) =>
          Effect.flatMap(statement, (rows) => rows.length === 1 ? Effect.void : Effect.fail(claimLost(claim, doing))), { discard: true })
      ).pipe(Effect.mapError(toInvoicesError(claim.invoiceId, doing)))

    /** Once per generation and outcome, also when the job that has written it runs again because its end was not heard of. */
    const emit = (claim: InvoiceClaim, outcome: "processed" | "error", payload: InvoiceProcessed | InvoiceError) =>
      events.emit(claim.tenantId, payload.type, payload, invoiceEventKey(claim.invoiceId, claim.generation, outcome), { orderingKey: claim.invoiceId })

    /** The end of a generation: the row, the claim and the subscribers' deliveries in one transaction. */
    const closing = <Told>(
      claim: InvoiceClaim,
      doing: string,
      writeRow: Effect.Effect<ReadonlyArray<Told>, unknown>,
      endClaim: Effect.Effect<ReadonlyArray<unknown>, unknown>,
      tell: (told: Told) => Effect.Effect<unknown, EventsError>
    ) =>
      sql.withTransaction(Effect.gen(function*() {
        const [told] = yield* writeRow
        const ended = yield* endClaim
        if (told === undefined || ended.length !== 1) return yield* claimLost(claim, doing)
        yield* tell(told)
      })).pipe(Effect.mapError(toInvoicesError(claim.invoiceId, doing)))

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
        yield* closing(
          claim,
          doing,
          Statements.writeReading(sql, claim, fields, rest).pipe(
            Effect.flatMap(decodeTold),
            Effect.flatMap(Effect.forEach((told) => Effect.map(flagDuplicate(sql, claim, sha256), (isDuplicate) => ({ told, isDuplicate }))))
          ),
          Statements.closeProcessed(sql, claim, fields, sha256),
          ({ isDuplicate, told: { timestamp, ...told } }) =>
            emit(claim, "processed", {
              type: "invoice.processed",
              timestamp,
              data: { ...subject(claim), ...told, confidence: Math.round(reading.confidence * 1000) / 1000, needsReview: reading.needsReview || isDuplicate, source: reading.source }
            })
        )
      }),
      fail: Effect.fn("Invoices.fail")((claim: InvoiceClaim, note: FailureNote) =>
        closing(
          claim,
          "the error could not be recorded",
          Statements.writeError(sql, claim, note, "error").pipe(Effect.flatMap(decodeTimes)),
          Statements.closeFailed(sql, claim, note, null),
          ({ timestamp }) =>
            emit(claim, "error", { type: "invoice.error", timestamp, data: { ...subject(claim), errorCode: note.code, errorMessage: note.sentence } })
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
          const [answer] = yield* Statements.processAgain(sql, tenantId, invoiceId, yield* currentTraceparent).pipe(Effect.flatMap(decodeAnswer))
          switch (answer.outcome) {
            case "asked":
              if (options?.askAgain === true) yield* Statements.askModelAgain(sql, tenantId, invoiceId)
              return ReprocessingAnswer.Asked({ generation: answer.generation, jobId: answer.jobId })
            case "not-found":
              return ReprocessingAnswer.NotFound()
            case "belongs-to-people":
              return ReprocessingAnswer.BelongsToPeople({ status: answer.status })
          }
        })).pipe(Effect.mapError(toInvoicesError(invoiceId, "it could not be asked for again")))
      )
    })
  })
)
