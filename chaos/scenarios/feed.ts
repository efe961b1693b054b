import { Effect } from "effect"
import { firstStart } from "../ledger/starts.ts"
import { now, type World } from "./World.ts"

/** So many jobs wait at any time, so that each replica that takes jobs finds one. */
const alwaysWaiting = 8

/**
 * Adds jobs until each living replica has started one since that moment, or the time is over; in seconds. With the
 * queue's own server silent an addition may hang, so that is bounded too.
 */
export const feed = (world: World, since: number, seconds: number): Effect.Effect<void> =>
  Effect.gen(function*() {
    while ((yield* now) < since + seconds * 1000) {
      const starts = yield* world.starts
      const living = world.replicas.filter((replica) => replica.isAlive())
      if (living.every(({ name }) => firstStart(starts, ({ at, worker }) => worker === name && at >= since) !== null)) return
      const missing = alwaysWaiting - (yield* world.producer.waitingCount)
      for (let more = 0; more < missing; more++) yield* world.producer.add({ about: "added after the return", kind: "e-invoice", how: "plain" })
      yield* Effect.sleep("100 millis")
    }
  }).pipe(Effect.timeoutOption(`${seconds + 5} seconds`), Effect.asVoid)
