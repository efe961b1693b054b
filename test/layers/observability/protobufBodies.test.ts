import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Tracer } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import { layerProtobuf, OtlpSerialization } from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { protobufBodies } from "../../../layers/observability/protobufBodies.ts"

type Bodies = ReadonlyArray<readonly [path: string, ours: Uint8Array, theirs: Uint8Array]>

const bytesOf = (body: { readonly _tag: string }): Uint8Array => "body" in body && body.body instanceof Uint8Array ? body.body : new Uint8Array(0)

/** What is sent for this work, written by both encoders from the same spans and lines. */
const bothEncodings = (work: Effect.Effect<unknown, unknown>): Effect.Effect<Bodies> =>
  Effect.gen(function*() {
    const bodies: Array<Bodies[number]> = []
    const both = Layer.effect(OtlpSerialization, Effect.gen(function*() {
      const ours = yield* OtlpSerialization.pipe(Effect.provide(protobufBodies))
      const theirs = yield* OtlpSerialization.pipe(Effect.provide(layerProtobuf))
      return OtlpSerialization.of({
        metrics: ours.metrics,
        traces: (data) => {
          const body = ours.traces(data)
          bodies.push(["traces", bytesOf(body), bytesOf(theirs.traces(data))])
          return body
        },
        logs: (data) => {
          const body = ours.logs(data)
          bodies.push(["logs", bytesOf(body), bytesOf(theirs.logs(data))])
          return body
        }
      })
    }))
    const nobody = Layer.succeed(HttpClient.HttpClient, HttpClient.make((request) => Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status: 200 })))))
    const common = { resource: { serviceName: "tt-worker", serviceVersion: "1", attributes: { replica: 3, eu: true, share: 0.25 } } }
    const layers = Layer.mergeAll(OtlpTracer.layer({ ...common, url: "http://collector/v1/traces" }), OtlpLogger.layer({ ...common, url: "http://collector/v1/logs" })).pipe(
      Layer.provide(OtlpExporter.layerFlusher),
      Layer.provide(both),
      Layer.provide(nobody)
    )
    yield* Effect.exit(work).pipe(Effect.provide(layers))
    return bodies
  })

const parent = Tracer.externalSpan({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true })

const step = (index: number) =>
  Effect.gen(function*() {
    const span = yield* Effect.currentSpan
    span.event(`seen ${"é".repeat(index % 300)}`, 12_345_678_901_234n, { index, none: null, deep: { list: ["a", 1, -7, 2.5, true, { b: "c" }] } })
    yield* Effect.logInfo(`line ${index} — ${"ü".repeat(index % 200)}`, { rest: index })
    if (index % 3 === 0) return yield* Effect.die(new Error("broken"))
    if (index % 3 === 1) return yield* Effect.interrupt
  }).pipe(
    Effect.withSpan(`step ${index}`, { kind: index % 2 === 0 ? "consumer" : "client", links: [{ span: parent, attributes: { of: "before", n: -index } }] }),
    Effect.annotateSpans({ text: "x".repeat(index), number: index * 2 ** 20, negative: -index, double: index / 7, yes: true, nothing: undefined }),
    Effect.annotateLogs({ tenant: `t${index}` }),
    Effect.exit
  )

describe("OTLP bodies", () => {
  it.live("are byte for byte those of Effect's own encoder, whatever is in spans and lines", () =>
    Effect.gen(function*() {
      const steps = Effect.forEach(Array.from({ length: 400 }, (_, index) => index), step)
      const bodies = yield* bothEncodings(steps.pipe(Effect.withSpan("root", { parent: parent })))
      assert.includeMembers(bodies.map(([path]) => path), ["traces", "logs"])
      for (const [path, ours, theirs] of bodies) {
        assert.isAbove(theirs.length, 1_000, path)
        assert.isTrue(Buffer.from(ours).equals(Buffer.from(theirs)), path)
      }
    }))
})
