import { Effect, Schema } from "effect"
import type { Redis } from "ioredis"
import type { QueueName } from "../../../src/contract/index.ts"
import type { TenantLine } from "../TenantLine.ts"
import { RedisScript } from "./RedisScript.ts"
import { arrangeScript, bringToFrontScript } from "./tenantLineScripts.ts"

const arrange = new RedisScript(arrangeScript)
const bringToFront = new RedisScript(bringToFrontScript)

const decodeArrangement = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Int, Schema.Int, Schema.Int, Schema.Int, Schema.Int]))

/** BullMQ's default prefix, which the API's producers use. */
const prefixOf = (queue: QueueName): string => `bull:${queue}:`

const asked = <A>(ask: () => Promise<A>): Effect.Effect<A, unknown> => Effect.tryPromise({ try: ask, catch: (cause) => cause })

/** `TenantLine` by scripts on this connection, which must not be one that blocks. */
export const redisTenantLine = (redis: Redis, queue: QueueName): TenantLine => {
  const prefix = prefixOf(queue)
  return {
    arrange: (count, { pausedTenants, tenantLimit }) =>
      asked(() => arrange.run(redis, prefix, [count, tenantLimit ?? 0, ...pausedTenants])).pipe(
        Effect.flatMap(decodeArrangement),
        Effect.map(([chosen, more, heldBack, nextDue, paused]) => ({
          chosen,
          more: more === 1,
          heldBack: heldBack === 1,
          nextDueMillis: nextDue < 0 ? null : nextDue,
          pausedByOthers: paused === 1
        }))
      ),
    bringToFront: (jobIds) => jobIds.length === 0 ? Effect.void : Effect.asVoid(asked(() => bringToFront.run(redis, prefix, jobIds))),
    // BullMQ's marker: whoever pops it looks for a job, and puts it back when there are more.
    wake: Effect.asVoid(asked(() => redis.zadd(`${prefix}marker`, 0, "0"))),
    counts: asked(async () => {
      const [plain, prioritized, active, delayed, failed] = await Promise.all([
        redis.llen(`${prefix}wait`),
        redis.zcard(`${prefix}prioritized`),
        redis.llen(`${prefix}active`),
        redis.zcard(`${prefix}delayed`),
        redis.zcard(`${prefix}failed`)
      ])
      return { waiting: plain + prioritized, active, delayed, failed }
    })
  }
}
