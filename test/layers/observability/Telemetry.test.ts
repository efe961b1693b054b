import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted, type Scope, Tracer } from "effect"
import { RunningWork } from "../../../src/services/RunningWork.ts"
import * as Telemetry from "../../../layers/observability/Telemetry.ts"
import type { TelemetrySettings } from "../../../src/config/Settings.ts"
import { attributes } from "../../../src/observability/attributes.ts"
import { type OtlpReceiver, startOtlpReceiver } from "../../support/otlpReceiver.ts"

const settings: TelemetrySettings = {
  endpoint: null,
  headers: { "x-honeycomb-team": Redacted.make("hny-key") },
  protocol: "http/protobuf",
  serviceName: "tt-worker",
  traces: { ratio: 1, sql: false }
}

const telemetry = (change: Partial<TelemetrySettings>) => Layer.provide(Telemetry.layer({ ...settings, ...change }), RunningWork.layer)

/** Runs it with a telemetry of its own; when this has ended everything has been sent. */
const traced = <A, E>(receiver: OtlpReceiver, work: Effect.Effect<A, E>, change: Partial<TelemetrySettings> = {}) =>
  Effect.exit(work).pipe(Effect.provide(telemetry({ endpoint: receiver.endpoint, ...change })))

const attempt = <A, E>(work: Effect.Effect<A, E>) => work.pipe(Effect.withSpan("process invoice-processing", { kind: "consumer" }))

const test = (name: string, body: (receiver: OtlpReceiver) => Effect.Effect<void, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(Effect.flatMap(startOtlpReceiver, body)))

describe("traces", () => {
  test("arrive at the collector with their parents, their ends and the headers that it asks for", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(Effect.succeed(1).pipe(Effect.withSpan("Invoices.claim"))))
    const [claim, root] = receiver.spans
    assert.deepStrictEqual([claim?.name, root?.name], ["Invoices.claim", "process invoice-processing"])
    assert.strictEqual(claim?.parentSpanId, root?.spanId)
    assert.strictEqual(claim?.traceId, root?.traceId)
    assert.deepStrictEqual([claim?.status, root?.status], [1, 1])
    const request = receiver.requests.find(({ path }) => path === "/v1/traces")
    assert.strictEqual(request?.headers["x-honeycomb-team"], "hny-key")
    assert.strictEqual(request?.headers["content-type"], "application/x-protobuf")
  }))

  test("can be sent as JSON", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(Effect.void), { protocol: "http/json" })
    const request = receiver.requests.find(({ path }) => path === "/v1/traces")
    assert.include(request?.body.toString(), "process invoice-processing")
  }))

  test("are not made by what a worker does while it waits", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, Effect.succeed(1).pipe(Effect.withSpan("sql.execute", { kind: "client" }), Effect.withSpan("JobQueue.take")))
    assert.deepStrictEqual(receiver.spans, [])
  }))

  const twoStatements = Effect.all([Effect.void.pipe(Effect.withSpan("the_database", { kind: "client" })), Effect.void.pipe(Effect.withSpan("sql.execute", { kind: "client" }))]).pipe(
    Effect.withSpan("sql.transaction"),
    Effect.andThen(Effect.void.pipe(Effect.withSpan("JobOutbox.enqueue"), Effect.withSpan("sql.transaction"))),
    Effect.withSpan("Invoices.complete")
  )

  test("fold SQL statements into the span of their service", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(twoStatements))
    assert.deepStrictEqual(receiver.spans.map(({ name }) => name), ["JobOutbox.enqueue", "Invoices.complete", "process invoice-processing"])
    const complete = receiver.spans.find(({ name }) => name === "Invoices.complete")
    assert.strictEqual(Number(complete?.attributes[attributes.sqlStatements]), 2)
    assert.strictEqual(receiver.spans.find(({ name }) => name === "JobOutbox.enqueue")?.parentSpanId, complete?.spanId)
  }))

  test("show each statement where that is asked for", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(twoStatements), { traces: { ratio: 1, sql: true } })
    assert.lengthOf(receiver.spans, 7)
  }))

  test("say how work ended: failed by name, interrupted as such", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(Effect.fail({ _tag: "VisionError", message: "a word of the invoice" }).pipe(Effect.withSpan("Vision.recognise"))))
    yield* traced(receiver, attempt(Effect.never.pipe(Effect.withSpan("Vision.recognise"), Effect.timeoutOption(Duration.millis(10)))))
    const [failed, , interrupted] = receiver.spans
    assert.deepStrictEqual([failed?.status, failed?.attributes], [2, {}])
    assert.include(failed?.events[0], "VisionError")
    assert.notInclude(JSON.stringify(failed), "a word of the invoice")
    assert.strictEqual(interrupted?.status, 0)
    assert.strictEqual(interrupted?.attributes["effect.fiber.interrupted"], true)
  }))

  test("tell an attempt that ended with an error as failed", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, attempt(Effect.annotateCurrentSpan(attributes.errorCode, "ocr-denied")))
    assert.deepInclude(receiver.spans[0], { status: 2, attributes: { "error.type": "ocr-denied" } })
  }))

  const plantedThings = ["s3cr3t-key", "FA-2026-0147", "https://hooks.slack.com/services/T0/B0/XXXX", "Dupont Toitures"]

  test("hold no secret, no path of a URL and no text of an invoice, whatever a library puts on them", Effect.fnUntraced(function*(receiver) {
    const leaky = Effect.gen(function*() {
      yield* Effect.annotateCurrentSpan({
        "url.full": "https://hooks.slack.com/services/T0/B0/XXXX",
        "url.path": "/services/T0/B0/XXXX",
        "http.request.header.authorization": "Bearer s3cr3t-key",
        "invoice.supplier": "Dupont Toitures"
      })
      const span = yield* Effect.currentSpan
      span.event("Dupont".length > 0 ? "looked" : "", 0n, { text: "FA-2026-0147" })
      return yield* Effect.die(new Error("cannot parse \"FA-2026-0147\" of Dupont Toitures with s3cr3t-key"))
    })
    yield* traced(receiver, attempt(leaky.pipe(Effect.withSpan("http.client POST", { kind: "client" }))))
    assert.strictEqual(receiver.spans[0]?.attributes["url.full"], "https://hooks.slack.com")
    const sent = Buffer.concat(receiver.requests.map(({ body }) => body)).toString("latin1")
    for (const planted of plantedThings) assert.notInclude(sent, planted)
  }))
})

describe("sampling", () => {
  const many = Effect.forEach(Array.from({ length: 200 }), () => attempt(Effect.void.pipe(Effect.withSpan("step"))), { discard: true })

  test("keeps whole traces, about as many as asked for", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, many, { traces: { ratio: 0.25, sql: false } })
    const roots = receiver.spans.filter(({ name }) => name !== "step")
    assert.isAtLeast(roots.length, 20)
    assert.isAtMost(roots.length, 90)
    assert.strictEqual(receiver.spans.length, 2 * roots.length)
  }))

  test("keeps every trace with a fault in it, with what came before the fault", Effect.fnUntraced(function*(receiver) {
    const failing = attempt(Effect.void.pipe(Effect.withSpan("before"), Effect.andThen(Effect.ignore(Effect.fail("x").pipe(Effect.withSpan("fault"))))))
    yield* traced(receiver, Effect.andThen(many, failing), { traces: { ratio: 0, sql: false } })
    assert.deepStrictEqual(receiver.spans.map(({ name }) => name), ["before", "fault", "process invoice-processing"])
  }))

  test("switched off makes no spans", Effect.fnUntraced(function*(receiver) {
    yield* traced(receiver, many, { traces: { ratio: null, sql: false } })
    assert.deepStrictEqual(receiver.spans, [])
  }))

  test("decides the same for a trace in every process", Effect.fnUntraced(function*(receiver) {
    const traceId = "0af7651916cd43dd8448eb211c80319c"
    const parent = Tracer.externalSpan({ traceId, spanId: "b7ad6b7169203331", sampled: true })
    for (const ratio of [0.1, 0.9]) {
      const before = receiver.spans.length
      const once = attempt(Effect.void).pipe(Effect.withParentSpan(parent))
      yield* traced(receiver, once, { traces: { ratio, sql: false } })
      const first = receiver.spans.length - before
      yield* traced(receiver, once, { traces: { ratio, sql: false } })
      assert.strictEqual(receiver.spans.length - before, 2 * first)
    }
  }))
})

describe("a collector that is down", () => {
  test("is not noticed by the work, and costs a bounded number of requests", Effect.fnUntraced(function*(receiver) {
    receiver.answer = null
    const jobs = Effect.forEach(Array.from({ length: 12_000 }), () => attempt(Effect.void), { discard: true })
    const [took] = yield* Effect.timed(Effect.provide(Effect.timed(jobs), telemetry({ endpoint: receiver.endpoint })))
    assert.isBelow(Duration.toMillis(took), 12_000)
    assert.isAtMost(receiver.requests.filter(({ path }) => path === "/v1/traces").length, 4)
  }))

  it.live("that cannot be reached is not noticed either", () =>
    Effect.provide(attempt(Effect.void), telemetry({ endpoint: new URL("http://127.0.0.1:1") })))
})
