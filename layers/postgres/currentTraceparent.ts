import { Effect, Option } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"

/** The current span as W3C trace context, for a job that is run elsewhere. */
export const currentTraceparent: Effect.Effect<string | null> = Effect.map(Effect.option(Effect.currentSpan), (span) =>
  Option.match(span, { onNone: () => null, onSome: (span) => HttpTraceContext.toHeaders(span)["traceparent"] ?? null }))
