import { Effect, Option, type Tracer } from "effect"
import * as Headers from "effect/http/Headers"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import type { Verdict } from "../domain/Verdict.ts"
import type { JobAttempt } from "../services/JobQueue.ts"

const spanAt = (traceparent: string | null): Option.Option<Tracer.ExternalSpan> =>
  traceparent === null ? Option.none() : HttpTraceContext.w3c(Headers.fromInput({ traceparent }))

/** All attempts of a job are in the trace of its producer, or else of its first attempt; each is linked to the one before. */
export const placeInTrace = (attempt: JobAttempt): Pick<Tracer.SpanOptionsNoTrace, "parent" | "links"> => {
  const previous = spanAt(attempt.previousTrace)
  const parent = Option.orElse(spanAt(attempt.traceparent), () => previous)
  return {
    ...(Option.isSome(parent) ? { parent: parent.value } : {}),
    links: Option.toArray(previous).map((span) => ({ span, attributes: {} }))
  }
}

/** An attempt that the queue keeps something of says where its trace is. */
export const withTrace = (verdict: Verdict): Effect.Effect<Verdict> =>
  verdict._tag === "GiveBack" || verdict._tag === "Abandon"
    ? Effect.succeed(verdict)
    : Effect.map(Effect.option(Effect.currentSpan), Option.match({
      onNone: () => verdict,
      onSome: (span) => {
        const { traceparent } = HttpTraceContext.toHeaders(span)
        return span.sampled && traceparent !== undefined ? { ...verdict, trace: traceparent } : verdict
      }
    }))
