import { Duration, Effect, Layer, Redacted } from "effect"
import { cpus } from "node:os"
import * as SharedLimits from "../layers/limits/SharedLimits.ts"
import { memoryStores } from "../layers/limits/memoryStores.ts"
import * as Postgres from "../layers/postgres/Postgres.ts"
import * as PostgresLimitStores from "../layers/postgres/limits/PostgresLimitStores.ts"
import * as RedisLimitStores from "../layers/redis/RedisLimitStores.ts"
import { Breaker, type BreakerPolicy } from "../src/services/Breaker.ts"
import { type LimitPolicy, Limits, pauseAskedFor } from "../src/services/Limits.ts"
import type { TenantsError } from "../src/services/Tenants.ts"
import { databaseAt } from "../test/support/invoiceTables.ts"
import { OwnPostgres } from "../test/support/ownPostgres.ts"
import { OwnRedis } from "../test/support/ownRedis.ts"

/**
 * Operations per second of `Limits` and `Breaker` around work that takes no time, on servers of its own, as a Markdown
 * table: `node bench/limits.ts`. Needs redis-server. Bounded: about a minute.
 */
const seconds = 3
const wide = 1_000_000_000
const second = Duration.seconds(1)
const asked: LimitPolicy<TenantsError> = { concurrency: 50, rate: { limit: wide, window: second }, adaptive: pauseAskedFor }
const patient = { maxWait: Duration.seconds(10) }
const policy: BreakerPolicy<TenantsError> = { opens: { afterFailures: 5 }, openFor: second, openForAtMost: second }
const work: Effect.Effect<void, TenantsError> = Effect.void

type Services = Limits | Breaker
const cases: ReadonlyArray<readonly [what: string, (key: string) => Effect.Effect<void, unknown, Services>]> = [
  ["rate", (key) => Limits.use(({ withLimits }) => withLimits(key, { rate: { limit: wide, window: second }, ...patient }, work))],
  ["concurrency (taken and given back)", (key) => Limits.use(({ withLimits }) => withLimits(key, { concurrency: 50, ...patient }, work))],
  ["rate, concurrency and adaptive", (key) => Limits.use(({ withLimits }) => withLimits(key, { ...asked, ...patient }, work))],
  ["breaker, healthy", (key) => Breaker.use(({ withBreaker }) => withBreaker(key, policy, work))]
]

/** Twenty callers at a time, on this many keys: how many pieces of work a second, and how long one takes in the middle and at worst but one in a hundred. */
const measure = (call: (key: string) => Effect.Effect<void, unknown, Services>, keys: number) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    const endsAt = performance.now() + seconds * 1_000
    const caller = (index: number) =>
      Effect.gen(function*() {
        for (let round = 0; performance.now() < endsAt; round++) {
          const began = performance.now()
          yield* call(`bench:${(index + round * 7) % keys}`)
          times.push(performance.now() - began)
        }
      })
    const began = performance.now()
    yield* Effect.forEach(Array.from({ length: 20 }, (_, index) => index), caller, { concurrency: "unbounded", discard: true })
    const perSecond = times.length / ((performance.now() - began) / 1_000)
    const sorted = times.sort((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
    return `${Math.round(perSecond)}/s (${at(0.5)} / ${at(0.99)} ms)`
  })

const postgres = Layer.unwrap(OwnPostgres.use(({ makeDatabase }) =>
  Effect.map(makeDatabase, (url) => PostgresLimitStores.layer.pipe(Layer.provide(Postgres.layer({ database: databaseAt(url), migrate: true, waits: false })), Layer.orDie))
)).pipe(Layer.provide(OwnPostgres.layer))
const redis = Layer.unwrap(OwnRedis.useSync(({ url }) => RedisLimitStores.layer({ url, label: new URL(Redacted.value(url)).host }))).pipe(Layer.provide(OwnRedis.layer))

const program = Effect.gen(function*() {
  const rows: Array<string> = []
  for (const [name, stores] of [["PostgreSQL", postgres], ["Redis", redis], ["memory", memoryStores]] as const) {
    const context = yield* Layer.build(Layer.fresh(SharedLimits.layer.pipe(Layer.provide(stores))))
    for (const [what, call] of cases) {
      const [one, many] = [yield* Effect.provideContext(measure(call, 1), context), yield* Effect.provideContext(measure(call, 200), context)]
      rows.push(`| ${name}: ${what} | ${one} | ${many} |`)
    }
  }
  process.stdout.write(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.version}, one process, 20 callers: \`node bench/limits.ts\`. Per second, and median / 99th percentile.\n\n| | one key | 200 keys |\n|---|---|---|\n${rows.join("\n")}\n`
  )
}).pipe(Effect.scoped)

await Effect.runPromise(program)
