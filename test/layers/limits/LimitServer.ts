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
export class Outage extends Context.Service<Outage, { readonly begin: Effect.Effect<void>; readonly end: Effect.Effect<void> }>()("test/Outage") {}

const withOutage = (client: Layer.Layer<Stores>, begin: Effect.Effect<void>, end: Effect.Effect<void>) =>
  Context.make(LimitServer, { client }).pipe(Context.add(Outage, { begin, end }))

export const inMemory: Layer.Layer<LimitServer> = Layer.effect(
  LimitServer,
  Effect.map(Layer.build(memoryStores), (stores) => LimitServer.of({ client: Layer.succeedContext(stores) }))
)

export const onRedis: Layer.Layer<LimitServer | Outage> = Layer.effectContext(
  Effect.map(OwnRedis, ({ start, stop, url }) => withOutage(RedisLimitStores.layer({ url, label: "own Redis" }), stop, start))
).pipe(Layer.provide(OwnRedis.layer))

export const onPostgres: Layer.Layer<LimitServer | Outage> = Layer.effectContext(
  Effect.gen(function*() {
    const direct = yield* (yield* OwnPostgres).makeDatabase
    yield* Layer.build(Postgres.layer({ database: databaseAt(direct), migrate: true, waits: false }))
    const { port, start, stop } = yield* interruptible(new URL(Redacted.value(direct)))
    const address = new URL(Redacted.value(direct))
    address.port = String(port)
    const client = PostgresLimitStores.layer.pipe(
      Layer.provide(Postgres.layer({ database: databaseAt(Redacted.make(address.href)), migrate: false, waits: false })),
      Layer.orDie
    )
    return withOutage(client, stop, start)
  }).pipe(Effect.orDie)
).pipe(Layer.provide(OwnPostgres.layer))
