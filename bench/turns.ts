import { Effect, Layer, Logger } from "effect"
import { setTimeout as sleep } from "node:timers/promises"
import { Verdict } from "../src/domain/Verdict.ts"
import { onPostgres, onRedis, type QueueServer } from "../test/layers/bullmq/QueueServer.ts"
import { makeWorkbench } from "../test/layers/bullmq/workbench.ts"
import { until } from "../test/support/until.ts"

/**
 * What taking turns costs: `node bench/turns.ts` prints, as a Markdown table, jobs per second of a plain BullMQ worker and
 * of this worker's consumer, with one tenant and with fifty waiting, for jobs of 20 ms and for jobs that do nothing, on
 * both kinds of queue. About a minute.
 */
const concurrency = 20
const done = Verdict.Complete({ summary: {} })

const jobsOf = (count: number, tenants: number) =>
  Array.from({ length: count }, (_, index) => ({ name: "job", data: { invoiceId: `i${index}`, tenantId: `t${index % tenants}` } }))

const measure = (count: number, millis: number, tenants: number, how: "plain" | "turns") =>
  Effect.scoped(Effect.gen(function*() {
    const bench = yield* makeWorkbench
    yield* Effect.promise(() => bench.queue.addBulk(jobsOf(count, tenants)))
    let ended = 0
    const began = performance.now()
    if (how === "plain") {
      yield* bench.plainWorker(concurrency, async () => {
        if (millis > 0) await sleep(millis)
        ended++
      })
    } else {
      yield* bench.subscribe(() =>
        (millis > 0 ? Effect.sleep(millis) : Effect.void).pipe(Effect.andThen(Effect.sync(() => {
          ended++
          return done
        }))), concurrency)
    }
    yield* until(Effect.sync(() => ended), (seen) => seen >= count, 60_000)
    return count / ((performance.now() - began) / 1000)
  }))

const table = (name: string, server: Layer.Layer<QueueServer>) =>
  Effect.gen(function*() {
    const rows: Array<string> = []
    for (const [label, count, millis] of [["20 ms", 2_000, 20], ["nothing", 4_000, 0]] as const) {
      const plain = yield* measure(count, millis, 50, "plain")
      const one = yield* measure(count, millis, 1, "turns")
      const many = yield* measure(count, millis, 50, "turns")
      const rate = (value: number) => `${value.toFixed(0)} (${(value / plain).toFixed(2)})`
      rows.push(`| ${name} | ${label} | ${plain.toFixed(0)} | ${rate(one)} | ${rate(many)} |`)
    }
    return rows
  }).pipe(Effect.provide(Layer.merge(server, Logger.layer([]))))

const only = process.argv[2]
const redis = only === "postgres" ? [] : await Effect.runPromise(table("Redis", onRedis))
const postgres = only === "redis" ? [] : await Effect.runPromise(table("PostgreSQL", onPostgres))
process.stdout.write([
  "| queues in | a job does | plain BullMQ worker, jobs/s | in turns, one tenant | in turns, 50 tenants |",
  "|---|---|---|---|---|",
  ...redis,
  ...postgres,
  ""
].join("\n"))
process.exit(0)
