import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { lookAtCollector } from "../../../layers/observability/lookAtCollector.ts"
import type { TelemetrySettings } from "../../../src/config/Settings.ts"
import { startOtlpReceiver } from "../../support/otlpReceiver.ts"

const settings = (endpoint: URL, protocol: TelemetrySettings["protocol"]): TelemetrySettings =>
  ({ endpoint, headers: { "x-honeycomb-team": Redacted.make("hny-key") }, protocol, serviceName: "tt-worker", traces: { ratio: 1, sql: false } })

describe("a look at the collector", () => {
  it.live("sends no trace, with the headers that it asks for, and tells what is wrong", () =>
    Effect.gen(function*() {
      const receiver = yield* startOtlpReceiver
      for (const protocol of ["http/protobuf", "http/json"] as const) {
        const seen = yield* lookAtCollector(settings(receiver.endpoint, protocol))
        assert.deepStrictEqual([seen.works, seen.problems], [["takes traces"], []])
      }
      assert.deepStrictEqual(receiver.requests.map(({ headers, path }) => [path, headers["x-honeycomb-team"]]), [["/v1/traces", "hny-key"], ["/v1/traces", "hny-key"]])
      assert.deepStrictEqual(receiver.spans, [])
      receiver.answer = { status: 401 }
      const [problem] = (yield* lookAtCollector(settings(receiver.endpoint, "http/json"))).problems
      assert.include(problem?.fix, "OTEL_EXPORTER_OTLP_HEADERS")
      assert.isFalse(problem?.serious)
    }).pipe(Effect.scoped))
})
