import { Duration, Effect, Layer, Schema } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as SqlClient from "effect/sql/SqlClient"
import { askNothing, askRow } from "./askRow.ts"

/** Adaptations are forgotten a minute after they have had their say, and learn from no pause longer than an hour: as in `effect/persistence`. */
const grace = 60_000
const longest = 3_600_000

const Window = Schema.Struct({ count: Schema.Finite, ttl: Schema.Finite })
const Bucket = Schema.Struct({ remaining: Schema.Finite, elapsed: Schema.Finite })
const Adaptation = Schema.Struct({ delay: Schema.Finite, epoch: Schema.Finite, phase: Schema.Literals(["inactive", "cooldown", "learning", "learned"]) })

const toError = (what: string) => (cause: unknown) =>
  new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: `PostgreSQL: ${what} failed`, cause }) })

/** Effect's rate limiter on PostgreSQL: one round trip each, by the database's clock. */
export const PostgresRateLimiterStore: Layer.Layer<RateLimiter.RateLimiterStore, never, SqlClient.SqlClient> = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const ask = askRow(sql)
    const askWindow = ask(Window)
    const askBucket = ask(Bucket)
    const askAdaptation = ask(Adaptation)
    return RateLimiter.RateLimiterStore.of({
      fixedWindow: ({ key, limit, refillRate, tokens }) =>
        askWindow(sql`SELECT * FROM tt_worker.take_from_window(${key}, ${tokens}, ${Duration.toMillis(refillRate)}, ${limit ?? null})`).pipe(
          Effect.map(({ count, ttl }) => [count, ttl] as const),
          Effect.mapError(toError("a fixed window"))
        ),
      tokenBucket: ({ allowOverflow, key, limit, refillRate, tokens }) =>
        askBucket(sql`SELECT * FROM tt_worker.take_from_bucket(${key}, ${tokens}, ${limit}, ${Duration.toMillis(refillRate)}, ${allowOverflow})`).pipe(
          Effect.map(({ elapsed, remaining }) => [remaining, elapsed] as const),
          Effect.mapError(toError("a token bucket"))
        ),
      adaptiveConsume: ({ fallbackWindow, key, tokens }) =>
        askAdaptation(sql`SELECT delay, epoch::double precision, phase FROM tt_worker.adaptive_take(${key}, ${tokens}, ${Duration.toMillis(fallbackWindow)}, ${grace})`).pipe(
          Effect.map(({ delay, epoch, phase }) => ({ delay: Duration.millis(delay), epoch, phase })),
          Effect.mapError(toError("asking for an adaptation"))
        ),
      adaptiveFeedback: ({ epoch, key, retryAfter, status, tokens }) => {
        if (status !== 429 || retryAfter === undefined) return Effect.void
        const pause = Math.min(Math.max(Duration.toMillis(retryAfter), 1), longest)
        return askNothing(sql)(sql`SELECT tt_worker.adaptive_pause(${key}, ${epoch}, ${tokens}, ${pause}, ${grace}, ${longest})`).pipe(
          Effect.mapError(toError("noting a pause"))
        )
      }
    })
  })
)
