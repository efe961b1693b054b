import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { freePort } from "../layers/embedded/freePort.ts"
import { attributes } from "../src/observability/attributes.ts"
import { isKnownSpan } from "../src/observability/spans.ts"
import { type OtlpReceiver, startOtlpReceiver } from "./support/otlpReceiver.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { runWorker, startWorker } from "./support/worker.ts"

const sample = (name: string): string => fileURLToPath(new URL(`../samples/${name}`, import.meta.url))
const token = "planted-secret-of-operators"

/** The real program on the embedded servers, which sends what it measures to this receiver. */
const worker = Effect.fnUntraced(function*(endpoint: URL) {
  const folder = yield* tempDir
  const running = yield* startWorker(folder, [], { LOG_FORMAT: "json", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.href, OTEL_EXPORTER_OTLP_HEADERS: "x-key=planted-key", OPS_TOKEN: token })
  yield* running.says("Ready after")
  return { ...running, folder }
})

const rootsOf = ({ spans }: OtlpReceiver) => spans.filter(({ name }) => name === "process invoice-processing")

/** Of the samples: who sends them, their numbers, an IBAN, a city. */
const plantedTexts = ["Plâtrerie", "FA-2026-0147", "Toitures Fictives", "F26-0312", "Menuiserie du Bois", "2026-03-0088", "10385", "6989", "FR76999", token, "planted-key"]

describe("the traces of the real program", () => {
  it.live("are none while it waits; an invoice's has at most 30 spans, and nothing that is sent holds a word of it or a secret", () =>
    Effect.gen(function*() {
      const receiver = yield* startOtlpReceiver
      const { child, ended, folder } = yield* worker(receiver.endpoint)
      // Longer than scheduler, relay, reconciler and status take to come round; spans are sent every five seconds.
      yield* Effect.sleep("7 seconds")
      assert.deepStrictEqual(receiver.requests.filter(({ path }) => path === "/v1/traces"), [])

      const demo = yield* runWorker(folder, ["demo", sample("facture-photo.jpg"), sample("facture-texte.pdf"), sample("facture-facturx.pdf"), sample("facture-abimee.pdf")])
      assert.include(demo.stdout, "Toitures Fictives")
      child.kill("SIGTERM")
      const { status, stderr } = yield* ended
      assert.strictEqual(status, 0)

      const roots = rootsOf(receiver)
      const lines: ReadonlyArray<{ readonly message: string; readonly traceId?: string }> = stderr.trim().split("\n").map((line) => JSON.parse(line))
      const completed = lines.filter(({ message }) => /^invoice-processing job \S+ completed/.test(message))
      assert.sameMembers(completed.map(({ traceId }) => traceId), roots.filter(({ status }) => status === 1).map(({ traceId }) => traceId))
      assert.lengthOf(roots, 4)
      for (const root of roots) {
        const trace = receiver.spans.filter(({ traceId }) => traceId === root.traceId)
        assert.isAtMost(trace.length, 30, trace.map(({ name }) => name).join(", "))
        assert.isAtLeast(trace.length, 5)
        assert.isTrue(trace.every(({ parentSpanId, spanId }) => spanId === root.spanId || trace.some((other) => other.spanId === parentSpanId)))
        assert.match(String(root.attributes[attributes.invoiceId]), /\w/)
        assert.match(String(root.attributes[attributes.tenantId]), /\w/)
      }
      assert.deepStrictEqual([...new Set(receiver.spans.map(({ name }) => name))].filter((name) => !isKnownSpan(name)), [])
      assert.deepStrictEqual(roots.map(({ status }) => status).toSorted(), [1, 1, 1, 2])
      const sent = Buffer.concat(receiver.requests.map(({ body }) => body)).toString("utf8")
      assert.include(sent, "tt_jobs_finished_total")
      for (const planted of plantedTexts) assert.notInclude(sent, planted)
    }).pipe(Effect.scoped), 120_000)

  it.live("that nobody takes are not noticed by jobs, nor by the end of the process", () =>
    Effect.gen(function*() {
      const receiver = yield* startOtlpReceiver
      receiver.answer = null
      for (const endpoint of [receiver.endpoint, new URL(`http://127.0.0.1:${yield* freePort}`)]) {
        const { child, ended, folder } = yield* worker(endpoint)
        const demo = yield* runWorker(folder, ["demo", sample("facture-facturx.pdf")])
        assert.include(demo.stdout, "All ended as they should.")
        yield* until(Effect.sync(() => endpoint !== receiver.endpoint || receiver.requests.length > 0), (tried) => tried, 20_000)
        const began = Date.now()
        child.kill("SIGTERM")
        assert.strictEqual((yield* ended).status, 0)
        assert.isBelow(Date.now() - began, 15_000)
      }
    }).pipe(Effect.scoped), 120_000)
})
