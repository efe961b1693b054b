import { Effect, Redacted, type Tracer } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import { attributes } from "../../src/observability/attributes.ts"
import { clientSpanOf } from "../../src/observability/clientSpan.ts"
import type { Exchange } from "../../src/services/WebhookSender.ts"

/** Scheme, host and port: path and query are credentials with some receivers. A URL that is none gives away nothing. */
const spanOf = (url: Redacted.Redacted<string>): Tracer.SpanOptionsNoTrace => {
  const parsed = URL.parse(Redacted.value(url))
  if (parsed === null) return { kind: "client", attributes: { [attributes.httpMethod]: "POST" } }
  const { attributes: server, kind } = clientSpanOf(parsed)
  return { kind, attributes: { ...server, [attributes.httpMethod]: "POST", [attributes.urlScheme]: parsed.protocol.slice(0, -1), [attributes.urlFull]: parsed.origin } }
}

const tellAnswer = (span: Tracer.Span, { answer }: Exchange) =>
  Effect.sync(() => {
    if (answer._tag === "Broken") return span.attribute(attributes.errorCode, answer.failure)
    span.attribute(attributes.httpStatus, answer.status)
    if (answer.status >= 400) span.attribute(attributes.errorCode, String(answer.status))
  })

/** The request as a span of its own, whose context goes along to the receiver as `traceparent`; null where nothing is traced. */
export const asRequest = <E, R>(url: Redacted.Redacted<string>, traced: boolean, send: (traceparent: string | null) => Effect.Effect<Exchange, E, R>): Effect.Effect<Exchange, E, R> =>
  Effect.useSpan("POST", spanOf(url), (span) =>
    send(traced ? HttpTraceContext.toHeaders(span)["traceparent"] ?? null : null).pipe(
      Effect.withParentSpan(span),
      Effect.tap((exchange) => tellAnswer(span, exchange))
    ))
