import { Effect, Redacted } from "effect"
import { Redis } from "ioredis"
import { type World } from "../chaos/scenarios/World.ts"
import type { Links } from "../chaos/workers/WorkerProcess.ts"

/** A command of an operator of Redis, on a connection of its own. */
export const asOperator = (url: Redacted.Redacted, password: string | null, command: (client: Redis) => Promise<unknown>): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Redis(Redacted.value(url), password === null ? {} : { password })),
    (client) => Effect.asVoid(Effect.promise(() => command(client))),
    (client) => Effect.sync(() => client.disconnect())
  )

/** Every connection of the workers breaks and has to be made again. */
export const reconnectTo = (world: World, which: keyof Links): Effect.Effect<void> =>
  Effect.forEach(world.replicas, ({ links }) => Effect.andThen(links[which].cut, links[which].mend), { discard: true })
