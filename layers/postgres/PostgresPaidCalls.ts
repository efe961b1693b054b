import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { nothingUsed } from "../../src/domain/ProviderEngine.ts"
import {
  PaidCallOpening,
  type PaidCallRequest,
  type PaidCallResult,
  PaidCalls,
  PaidCallsError,
  PaidCallsReason,
  type PaidStepKey
} from "../../src/services/PaidCalls.ts"
import * as Statements from "./paidCallStatements.ts"
import { isMisfit, serverMessageOf } from "./sqlState.ts"

const decodeLook = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  processing: Schema.NullOr(Schema.String),
  answer: Schema.NullOr(Schema.String),
  callId: Schema.NullOr(Schema.String),
  isBusy: Schema.Boolean
})))
const decodeSpent = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ spent: Schema.Finite, millisLeft: Schema.Finite })))
const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String })))

/** How soon a job looks again whether the other one has its answer: a call takes some seconds. */
const busyPause = Duration.seconds(3)

const toError = (doing: string) => (error: unknown): PaidCallsError => {
  if (error instanceof PaidCallsError) return error
  if (isSqlError(error)) {
    const reason = isMisfit(error) ? PaidCallsReason.Misfit() : PaidCallsReason.Unavailable()
    return new PaidCallsError({ reason, detail: `${doing}: ${serverMessageOf(error)}`, cause: error })
  }
  return new PaidCallsError({ reason: PaidCallsReason.Misfit(), detail: `${doing}: a row does not fit; run \`migrate\``, cause: error })
}

/** What the setting allows; a word that is not known allows nothing. */
const keptAwayBy = (processing: string | null, region: PaidStepKey["engine"]["region"]): "eu-only" | "offline" | null => {
  switch (processing) {
    case null:
    case "cloud":
      return null
    case "eu-only":
      return region === "eu" ? null : "eu-only"
    default:
      return "offline"
  }
}

/** `PaidCalls` in PostgreSQL. */
export const PostgresPaidCalls: Layer.Layer<PaidCalls, never, SqlClient.SqlClient> = Layer.effect(
  PaidCalls,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const lookAt = Effect.fnUntraced(function*(key: PaidStepKey) {
      const [row] = yield* Statements.look(sql, key).pipe(Effect.flatMap(decodeLook))
      if (row === undefined) return yield* new PaidCallsError({ reason: PaidCallsReason.Misfit(), detail: `there is no tenant ${key.claim.tenantId}` })
      const keptAway = keptAwayBy(row.processing, key.engine.region)
      const known = row.answer === null ? null : PaidCallOpening.Known({ answer: row.answer })
      return { ...row, settled: known ?? (keptAway === null ? null : PaidCallOpening.KeptAway({ processing: keptAway })) }
    })
    const reuse = (key: PaidStepKey) => Effect.asVoid(Statements.noteReader(sql, key, key.engine, true))

    /** One tenant's book, one at a time, all or nothing. */
    const inBook = <A, E>(tenantId: string, doing: string, effect: Effect.Effect<A, E>) =>
      sql.withTransaction(Effect.andThen(Statements.lockBook(sql, tenantId), effect)).pipe(Effect.mapError(toError(doing)))

    const beginLocked = Effect.fnUntraced(function*(request: PaidCallRequest) {
      const { callId: older, isBusy, settled } = yield* lookAt(request)
      if (settled !== null) {
        if (settled._tag === "Known") yield* reuse(request)
        return settled
      }
      if (isBusy) return PaidCallOpening.Busy({ after: busyPause })
      // Its process is dead, or its invoice was taken over: whether it was carried out, nobody knows.
      if (older !== null) {
        yield* Statements.endCall(sql, request.claim.tenantId, older, { state: "uncertain", usage: nothingUsed, cost: 0, errorCode: "process-died" })
      }
      if (request.monthlyLimit !== null) {
        const [month] = yield* Statements.spentThisMonth(sql, request.claim.tenantId).pipe(Effect.flatMap(decodeSpent))
        if (month === undefined || month.spent + request.reserve > request.monthlyLimit) {
          return PaidCallOpening.OverLimit({ until: Duration.millis(month?.millisLeft ?? 0) })
        }
      }
      const [call] = yield* Statements.insertCall(sql, request, request.reserve).pipe(Effect.flatMap(decodeIds))
      const callId = call?.id ?? ""
      yield* Statements.countBegun(sql, callId)
      yield* Statements.holdAnswer(sql, request, callId)
      return PaidCallOpening.Begun({ callId })
    })

    return PaidCalls.of({
      look: Effect.fn("PaidCalls.look")((key: PaidStepKey) =>
        lookAt(key).pipe(
          Effect.map(({ settled }) => settled),
          Effect.tap((settled) => settled?._tag === "Known" ? reuse(key) : Effect.void),
          Effect.mapError(toError("a kept answer could not be looked for"))
        )
      ),
      begin: Effect.fn("PaidCalls.begin")((request: PaidCallRequest) =>
        inBook(request.claim.tenantId, "the call could not be booked", beginLocked(request))
      ),
      answered: Effect.fn("PaidCalls.answered")((key: PaidStepKey, callId: string, { answer, cost, isGood, usage }: PaidCallResult) =>
        inBook(key.claim.tenantId, "an answer could not be kept", Effect.gen(function*() {
          yield* Statements.endCall(sql, key.claim.tenantId, callId, { state: "answered", usage, cost, errorCode: null })
          yield* Statements.keepAnswer(sql, key, callId, answer, isGood)
          yield* Statements.noteReader(sql, key, key.engine, false)
        }))
      ),
      failed: Effect.fn("PaidCalls.failed")((key: PaidStepKey, callId: string, end: { readonly code: string; readonly mayBeBilled: boolean }) =>
        inBook(key.claim.tenantId, "the end of a call could not be booked", Effect.gen(function*() {
          const state = end.mayBeBilled ? "uncertain" as const : "failed" as const
          yield* Statements.endCall(sql, key.claim.tenantId, callId, { state, usage: nothingUsed, cost: 0, errorCode: end.code })
          yield* Statements.letGoOfAnswer(sql, key, callId)
        }))
      ),
      noteReader: Effect.fn("PaidCalls.noteReader")((at: Pick<PaidStepKey, "claim" | "sha256" | "step">, reader: string) =>
        Statements.noteReader(sql, at, { provider: reader, model: null, region: null }, false).pipe(
          Effect.asVoid,
          Effect.mapError(toError("who read the invoice could not be noted"))
        )
      )
    })
  })
)

const decodeStale = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String, tenantId: Schema.String })))

/** Calls that began longer ago than this, and of which nobody will tell any more, count as broken off; says how many. */
export const endStaleCalls = Effect.fnUntraced(function*(olderThan: Duration.Duration, limit: number) {
  const sql = yield* SqlClient.SqlClient
  const stale = yield* Statements.staleCalls(sql, Duration.toMillis(olderThan), limit).pipe(Effect.flatMap(decodeStale))
  yield* Effect.forEach(stale, ({ id, tenantId }) =>
    sql.withTransaction(Effect.andThen(
      Statements.lockBook(sql, tenantId),
      Statements.endCall(sql, tenantId, id, { state: "uncertain", usage: nothingUsed, cost: 0, errorCode: "process-died" })
    )), { discard: true })
  return stale.length
})
