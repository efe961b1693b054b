import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { attributes } from "../src/observability/attributes.ts"
import { isKnownSpan } from "../src/observability/spans.ts"
import { nightWorld, planted, producers, invoiceTexts } from "./support/nightWorld.ts"
import type { OtlpReceiver, ReceivedSpan } from "./support/otlpReceiver.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { until } from "./support/until.ts"

/** A span and all below it. */
const below = (spans: ReadonlyArray<ReceivedSpan>, root: ReceivedSpan): ReadonlyArray<ReceivedSpan> => {
  const found = [root]
  for (const span of found) found.push(...spans.filter(({ parentSpanId }) => parentSpanId === span.spanId))
  return found
}
const attemptsOf = ({ spans }: OtlpReceiver, queue: string) => spans.filter(({ name }) => name === `process ${queue}`)

/** Most spans of one attempt. The issue's own for deliveries and invoices; the others' are what is reasonable. */
const most = { "invoice-processing": 30, "webhook-delivery": 12, "email-sync": 40, automation: 15 } as const
const queues = ["invoice-processing", "email-sync", "automation", "webhook-delivery"] as const

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "200 seconds" })("the traces of all programs", (it) => {
  it.effect("go from the producer to the receiver, few spans each, every call with a span of its own, named by the conventions, and no context for anybody but receivers", () =>
    Effect.gen(function*() {
      const world = yield* nightWorld()
      const { collector, openAi, s3, subscriber } = world
      const worker = yield* world.start
      yield* worker.says("Ready after")
      yield* world.prepare()
      yield* world.addInvoice("i")
      yield* world.processInvoice("i")
      yield* world.produce
      yield* until(
        Effect.sync(() => queues.map((queue) => attemptsOf(collector, queue).filter((span) => span.traceId === producers.traceId).length)),
        (counts) => counts.every((count) => count > 0),
        60_000
      )
      worker.child.kill("SIGTERM")
      assert.strictEqual((yield* worker.ended).status, 0)

      const ours = collector.spans.filter(({ traceId }) => traceId === producers.traceId)
      for (const queue of queues) {
        const [first] = attemptsOf(collector, queue).filter(({ traceId }) => traceId === producers.traceId)
        assert.isDefined(first, queue)
        if (first === undefined) continue
        assert.deepInclude(first, { parentSpanId: producers.spanId, kind: 5, status: 1 }, queue)
        assert.deepInclude(first.attributes, {
          [attributes.messagingSystem]: "bullmq",
          [attributes.messagingOperationType]: "process",
          [attributes.messagingOperationName]: "process",
          [attributes.messagingDestination]: queue,
          [attributes.tenantId]: "t",
          [attributes.attempt]: "1",
          [attributes.verdict]: "Complete"
        })
        const tree = below(ours, first)
        assert.isAtMost(tree.length, most[queue], `${queue}: ${tree.map(({ name }) => name).join(", ")}`)
        assert.isAtLeast(tree.length, 2, queue)
      }

      const named = (name: string) => ours.filter((span) => span.name === name)
      const [post] = named("POST")
      assert.deepInclude(post, { kind: 3, status: 1 })
      assert.deepInclude(post?.attributes, {
        "http.request.method": "POST",
        "http.response.status_code": "200",
        "url.full": subscriber.url,
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": String(subscriber.port)
      })
      assert.deepStrictEqual(subscriber.received.map(({ headers }) => headers["traceparent"]), [`00-${producers.traceId}-${post?.spanId}-01`])
      const [chat] = named("chat gpt-4.1-mini")
      assert.deepInclude(chat, { kind: 3, status: 1 })
      assert.deepInclude(chat?.attributes, {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4.1-mini",
        "gen_ai.response.model": "emulated",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": "1200",
        "gen_ai.usage.output_tokens": "300",
        "server.address": "127.0.0.1"
      })
      for (const name of ["RecognitionProvider.recognise", "ObjectStorage.download", "MailServers.connect", "MailSession.list"]) {
        assert.deepInclude(named(name)[0], { kind: 3, status: 1 }, name)
        assert.match(String(named(name)[0]?.attributes["server.address"]), /^(127\.0\.0\.1|localhost)$/, name)
      }
      assert.deepStrictEqual([...new Set(collector.spans.map(({ name }) => name))].filter((name) => !isKnownSpan(name)), [])
      const known: ReadonlySet<string> = new Set(Object.values(attributes))
      assert.deepStrictEqual([...new Set(collector.spans.flatMap((span) => Object.keys(span.attributes)))].filter((key) => !known.has(key)), [])

      for (const headers of [...openAi.requests, ...s3.requests].map((request) => request.headers)) {
        for (const name of ["traceparent", "tracestate", "baggage", "b3"]) assert.notProperty(headers, name)
      }
      const sent = Buffer.concat(collector.requests.map(({ body }) => body)).toString("utf8")
      for (const text of [...Object.values(planted), ...invoiceTexts]) assert.notInclude(sent, text)
    }).pipe(Effect.scoped), { timeout: 200_000 })
})
