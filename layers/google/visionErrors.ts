import { Duration, Option, Schema } from "effect"
import { VisionError, VisionReason } from "../../src/services/Vision.ts"

/**
 * What is read of a failure: gRPC's number, the error's reason (google.rpc.ErrorInfo) and the pause asked for
 * (google.rpc.RetryInfo). Messages are left aside: they may quote what was sent.
 */
const Failure = Schema.Struct({
  code: Schema.optional(Schema.NullOr(Schema.Union([Schema.Int, Schema.String]))),
  reason: Schema.optional(Schema.NullOr(Schema.String)),
  statusDetails: Schema.optional(Schema.Unknown)
})
const decodeFailure = Schema.decodeUnknownOption(Failure)

/** Seconds come as a number, as text or as a Long, which prints as its number. */
const decodeDetail = Schema.decodeUnknownOption(Schema.Struct({
  retryDelay: Schema.Struct({ seconds: Schema.optional(Schema.Unknown), nanos: Schema.optional(Schema.Unknown) })
}))

/** The names of gRPC's codes (google.rpc.Code), for operators. */
const names = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"
]

/** A quota of Vision's counts requests per minute; half of that is what to wait for without a word from it. */
const defaultPause = Duration.seconds(30)

const seconds = (value: unknown): number => {
  const number = Number(String(value ?? 0))
  return Number.isFinite(number) && number >= 0 ? number : 0
}

const pauseOf = (details: unknown): Duration.Duration => {
  for (const detail of Array.isArray(details) ? details : []) {
    const found = decodeDetail(detail)
    if (Option.isSome(found)) {
      const { nanos, seconds: whole } = found.value.retryDelay
      return Duration.millis(seconds(whole) * 1000 + Math.ceil(seconds(nanos) / 1e6))
    }
  }
  return defaultPause
}

const reasonOf = (code: number, failure: typeof Failure.Type, variable: string): VisionReason => {
  // A wrong API key comes as an invalid argument.
  if (failure.reason?.startsWith("API_KEY_") === true) return VisionReason.Denied({ variable })
  switch (code) {
    case 3:
    case 11:
      return VisionReason.BadImage()
    case 7:
    case 16:
      return VisionReason.Denied({ variable })
    case 8:
      return VisionReason.RateLimited({ after: pauseOf(failure.statusDetails) })
    default:
      return VisionReason.Unavailable()
  }
}

/**
 * Codes after which the call may have been carried out, or failed through what was sent: CANCELLED, UNKNOWN,
 * DEADLINE_EXCEEDED, ABORTED, INTERNAL, DATA_LOSS. UNAVAILABLE says that nobody was reached.
 */
const unclear: ReadonlySet<number> = new Set([1, 2, 4, 10, 13, 15])

/**
 * The error behind a failed call, or behind the `error` of one image in an answer that is well otherwise.
 * `variable` is the environment variable that holds the credentials in use.
 */
export const toVisionError = (cause: unknown, variable: string): VisionError => {
  const failure = Option.getOrElse(decodeFailure(cause), (): typeof Failure.Type => ({}))
  if (typeof failure.code !== "number") {
    const name = failure.code === undefined || failure.code === null ? "" : ` (${failure.code})`
    return new VisionError({ reason: VisionReason.Unavailable(), mayHaveRun: true, detail: `Google Vision could not be called${name}` })
  }
  return new VisionError({
    reason: reasonOf(failure.code, failure, variable),
    mayHaveRun: unclear.has(failure.code),
    detail: `Google Vision answered ${names[failure.code] ?? failure.code}${failure.reason ? ` (${failure.reason})` : ""}`,
    cause: { code: failure.code, reason: failure.reason ?? null }
  })
}
