import { Context, Effect, Layer, Redacted } from "effect"
import type { CircuitBreakerStore } from "effect/persistence/CircuitBreaker"
import type { RateLimiterStore } from "effect/persistence/RateLimiter"
import { memoryStores } from "../../../layers/limits/memoryStores.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import * as PostgresLimitStores from "../../../layers/postgres/limits/PostgresLimitStores.ts"
import * as RedisLimitStores from "../../../layers/redis/RedisLimitStores.ts"
import type { PermitStore } from "../../../src/services/PermitStore.ts"
import { interruptible } from "../../support/interruptible.ts"
import { databaseAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { OwnRedis } from "../../support/ownRedis.ts"

export type Stores = RateLimiterStore | CircuitBreakerStore | PermitStore

/** Where limits are kept. Every build of `client` stands for a process of its own, on the same server. */
export class LimitServer extends Context.Service<LimitServer, {
  readonly client: Layer.Layer<Stores>
}>()("test/LimitServer") {}

/** The server is gone, as far as anyone can see. */
export class Outage extends Context.Service<Outage, {
  readonly begin: Effect.Effect<void>
  readonly end: Effect.Effect<void>
  /** It takes connections and questions, and answers none. */
  readonly hang: Effect.Effect<void>
  readonly goOn: Effect.Effect<void>
}>()("test/Outage") {}

/** The same server, behind something that can cut it off. */
const behindProxy = (direct: Redacted.Redacted, connect: (url: Redacted.Redacted) => Layer.Layer<Stores>) =>
  Effect.map(interruptible(new URL(Redacted.value(direct))), ({ goOn, hang, port, start, stop }) => {
    const address = new URL(Redacted.value(direct))
    address.port = String(port)
    return Context.make(LimitServer, { client: connect(Redacted.make(address.href)) }).pipe(Context.add(Outage, { begin: stop, end: start, hang, goOn }))
  })

export const inMemory: Layer.Layer<LimitServer> = Layer.effect(
  LimitServer,
  Effect.map(Layer.build(memoryStores), (stores) => LimitServer.of({ client: Layer.succeedContext(stores) }))
)

export const onRedis: Layer.Layer<LimitServer | Outage> = Layer.effectContext(
  OwnRedis.use(({ url }) => behindProxy(url, (url) => RedisLimitStores.layer({ url, label: "own Redis" })))
).pipe(Layer.provide(OwnRedis.layer))

export const onPostgres: Layer.Layer<LimitServer | Outage> = Layer.effectContext(
  Effect.gen(function*() {
    const direct = yield* (yield* OwnPostgres).makeDatabase
    yield* Layer.build(Postgres.layer({ database: databaseAt(direct), migrate: true, waits: false }))
    return yield* behindProxy(direct, (url) =>
      PostgresLimitStores.layer.pipe(
        Layer.provide(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false })),
        Layer.orDie
      ))
  }).pipe(Effect.orDie)
).pipe(Layer.provide(OwnPostgres.layer))
