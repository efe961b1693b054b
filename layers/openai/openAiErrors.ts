import { type DateTime, Duration, Option, Schema } from "effect"
import { ExtractorError, ExtractorReason } from "../../src/services/InvoiceExtractor.ts"
import { parseRetryAfter } from "../http/retryAfter.ts"

/**
 * What is read of the SDK's errors. Their messages are left aside: the API quotes in them what was sent, part of the
 * key included.
 */
const ApiFailure = Schema.Struct({
  status: Schema.Int,
  code: Schema.optional(Schema.NullOr(Schema.String)),
  param: Schema.optional(Schema.NullOr(Schema.String)),
  type: Schema.optional(Schema.NullOr(Schema.String)),
  requestID: Schema.optional(Schema.NullOr(Schema.String)),
  headers: Schema.optional(Schema.instanceOf(Headers))
})
type ApiFailure = typeof ApiFailure.Type
const decodeFailure = Schema.decodeUnknownOption(ApiFailure)

/** Limits count by the minute: a third of one is what to wait for without a word from the server. */
const defaultPause = Duration.seconds(20)

/** An account without money is not filled up within seconds. */
const quotaPause = Duration.minutes(10)

const pauseOf = (failure: ApiFailure, now: DateTime.DateTime): Duration.Duration => {
  const millis = Number(failure.headers?.get("retry-after-ms") ?? Number.NaN)
  if (millis >= 0) return Duration.millis(millis)
  const fallback = failure.code === "insufficient_quota" ? quotaPause : defaultPause
  return Option.getOrElse(parseRetryAfter(failure.headers?.get("retry-after"), now), () => fallback)
}

const reasonOf = (failure: ApiFailure, now: DateTime.DateTime): ExtractorReason => {
  const { code, param, status } = failure
  if (status === 429) return ExtractorReason.RateLimited({ after: pauseOf(failure, now) })
  if (status >= 500 || status === 408 || status === 409) return ExtractorReason.Unavailable()
  if (code === "model_not_found") return ExtractorReason.Denied({ variable: "OPENAI_MODEL" })
  if (status === 401 || status === 403) return ExtractorReason.Denied({ variable: "OPENAI_API_KEY" })
  if (code === "content_filter" || code === "content_policy_violation") return ExtractorReason.Refused()
  // A 404 without an error of the API's own form comes from another server than was meant.
  const ofTheApi = [code, param, failure.type].some((field) => field !== undefined && field !== null)
  if (status === 404 && !ofTheApi) return ExtractorReason.Denied({ variable: "OPENAI_BASE_URL" })
  // Left are requests that this model does not take: no structured output, too small a context, unknown settings.
  return ExtractorReason.Denied({ variable: "OPENAI_MODEL" })
}

const plain = (word: string | null | undefined): string => (word !== null && word !== undefined && /^[\w.-]{1,64}$/.test(word) ? ` (${word})` : "")

const refusedCodes: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"])

/** Whether the connection was never made, by the code at the end of the chain of causes. */
const neverArrived = (cause: unknown): boolean => {
  let error: unknown = cause
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    if ("code" in error && refusedCodes.has(error.code)) return true
    error = error.cause
  }
  return false
}

/** A setting that this model or server does not take, by name; null where the refusal is about something else. */
export const refusedSetting = (cause: unknown): string | null =>
  Option.match(decodeFailure(cause), {
    onNone: () => null,
    onSome: ({ code, param, status }) =>
      status === 400 && typeof param === "string" && (code === "unsupported_parameter" || code === "unsupported_value" || code === "unknown_parameter") ? param : null
  })

/** The error behind a request that the SDK rejected; `now` is what a Retry-After date counts from. */
export const toExtractorError = (cause: unknown, now: DateTime.DateTime): ExtractorError =>
  Option.match(decodeFailure(cause), {
    onNone: () => {
      const name = cause instanceof Error ? plain(cause.name === "Error" ? cause.constructor.name : cause.name) : ""
      return new ExtractorError({
        reason: ExtractorReason.Unavailable(),
        mayHaveRun: !neverArrived(cause),
        detail: `OpenAI could not be reached, or its answer broke off${name}`
      })
    },
    onSome: (failure) =>
      new ExtractorError({
        reason: reasonOf(failure, now),
        // What stands in front of the model (502 to 504) says nothing of the document; 500 may be its doing.
        mayHaveRun: failure.status === 500 || failure.status === 504 || failure.status === 408,
        detail: `OpenAI answered ${failure.status}${plain(failure.code ?? failure.type)}`,
        cause: { status: failure.status, code: failure.code ?? null, requestId: failure.requestID ?? null }
      })
  })
