import { Duration, Effect, Record, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { TelemetrySettings } from "../../src/config/Settings.ts"
import type { Problem, Seen } from "../../src/services/Dependencies.ts"

const answerLimit = Duration.seconds(10)

const problemOf = (status: number): Problem | null => {
  if (status < 300) return null
  const what = `the collector answered ${status}`
  if (status === 401 || status === 403) return { what, fix: "look at OTEL_EXPORTER_OTLP_HEADERS: the key is missing or wrong", serious: false }
  return { what, fix: status === 404 ? "look at OTEL_EXPORTER_OTLP_ENDPOINT: traces go to /v1/traces below it" : "see the collector's own log", serious: false }
}

/** Sends the collector a request with no trace in it. What is wrong keeps no job from its work, so that none of it is serious. */
export const lookAtCollector = ({ endpoint, headers, protocol }: TelemetrySettings): Effect.Effect<Seen> => {
  const seen = (millis: number | null, problem: Problem | null): Seen =>
    ({ version: null, millis, works: problem === null ? [endpoint === null ? "nothing is sent" : "takes traces"] : [], problems: problem === null ? [] : [problem] })
  if (endpoint === null) return Effect.succeed(seen(null, null))
  const request = HttpClientRequest.post(`${endpoint.toString().replace(/\/$/, "")}/v1/traces`).pipe(
    HttpClientRequest.setHeaders(Record.map(headers, Redacted.value)),
    protocol === "http/json"
      ? HttpClientRequest.bodyText("{\"resourceSpans\":[]}", "application/json")
      : HttpClientRequest.bodyUint8Array(new Uint8Array(), "application/x-protobuf")
  )
  return Effect.timed(HttpClient.execute(request)).pipe(
    Effect.timeout(answerLimit),
    Effect.map(([took, { status }]) => seen(Duration.toMillis(took), problemOf(status))),
    Effect.catch(() =>
      Effect.succeed(seen(null, { what: "the collector cannot be reached", fix: "look at OTEL_EXPORTER_OTLP_ENDPOINT; jobs do not notice, and what was to be sent is lost", serious: false }))),
    Effect.scoped,
    Effect.provide(FetchHttpClient.layer)
  )
}
