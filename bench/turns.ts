import { Effect, Layer, Logger } from "effect"
import { setTimeout as sleep } from "node:timers/promises"
import { Verdict } from "../src/domain/Verdict.ts"
import { onPostgres, onRedis, type QueueServer } from "../test/layers/bullmq/QueueServer.ts"
import { makeWorkbench } from "../test/layers/bullmq/workbench.ts"
import { until } from "../test/support/until.ts"

/**
 * What taking turns costs: `node bench/turns.ts [redis|postgres] [ROUNDS]` prints, as a Markdown table, jobs per second of
 * a plain BullMQ worker and of this worker's consumer, with one tenant and with fifty waiting, for jobs of 20 ms and for
 * jobs that do nothing, on both kinds of queue. They are measured in turns, so that what else runs on the machine hits them
 * alike; rates are medians, and so are the ratios, each to the plain worker of the same round. About three minutes.
 */
const concurrency = 20
const done = Verdict.Complete({ summary: {} })

const jobsOf = (count: number, tenants: number) =>
  Array.from({ length: count }, (_, index) => ({ name: "job", data: { invoiceId: `i${index}`, tenantId: `t${index % tenants}` } }))

interface Round {
  readonly count: number
  readonly millis: number
  readonly tenants: number
  readonly plain: boolean
}

const measure = ({ count, millis, plain, tenants }: Round) =>
  Effect.scoped(Effect.gen(function*() {
    const bench = yield* makeWorkbench
    yield* Effect.promise(() => bench.queue.addBulk(jobsOf(count, tenants)))
    let ended = 0
    const began = performance.now()
    if (plain) {
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

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const only = process.argv[2]
const rounds = Number(process.argv[3] ?? 5)

const table = (name: string, server: Layer.Layer<QueueServer>) =>
  Effect.gen(function*() {
    const rows: Array<string> = []
    for (const [label, count, millis] of [["20 ms", 2_000, 20], ["nothing", 4_000, 0]] as const) {
      const seen = yield* Effect.forEach(Array.from({ length: rounds }), () =>
        Effect.all({
          plain: measure({ count, millis, plain: true, tenants: 50 }),
          one: measure({ count, millis, plain: false, tenants: 1 }),
          many: measure({ count, millis, plain: false, tenants: 50 })
        }))
      const rate = (which: "one" | "many") =>
        `${median(seen.map((round) => round[which])).toFixed(0)} (${median(seen.map((round) => round[which] / round.plain)).toFixed(2)})`
      rows.push(`| ${name} | ${label} | ${median(seen.map(({ plain }) => plain)).toFixed(0)} | ${rate("one")} | ${rate("many")} |`)
    }
    return rows
  }).pipe(Effect.provide(Layer.merge(server, Logger.layer([]))))

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
