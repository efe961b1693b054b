import { Effect } from "effect"
import { firstStart } from "../chaos/ledger/starts.ts"
import type { Scenario } from "../chaos/scenarios/Scenario.ts"
import { waitUntil, type World } from "../chaos/scenarios/World.ts"
import { buildPreviousRelease } from "./previousRelease.ts"

const perRound = 12

const addAll = (world: World, about: string) =>
  Effect.forEach(Array.from({ length: perRound }), () => world.producer.add({ about }), { discard: true })

const hasBegun = (world: World, worker: string) => Effect.map(world.starts, (starts) => firstStart(starts, (start) => start.worker === worker) !== null)

/** As in a rolling deployment: this release's tables, replicas of this and of the one before, killed and replaced meanwhile. */
export const mixedReleases: Scenario = {
  name: "replicas of this release and the one before, on this one's tables",
  backends: ["redis", "postgres"],
  settleSeconds: 60,
  usualSeconds: 90,
  run: (world) =>
    Effect.gen(function*() {
      const main = yield* buildPreviousRelease
      const old = yield* world.startReplica({ name: "old-1", concurrency: 4, main })
      yield* world.startReplica({ name: "old-2", concurrency: 4, main })
      yield* world.gates.slow("extraction", "400 millis")
      yield* addAll(world, "before the new release")
      yield* waitUntil("the release before at work", hasBegun(world, "old-1"), 20)
      const young = yield* world.startReplica({ name: "new-1", concurrency: 4 })
      yield* addAll(world, "both at work")
      yield* waitUntil("this release at work", hasBegun(world, "new-1"), 20)
      yield* old.signal("SIGKILL")
      yield* addAll(world, "one of the release before is killed")
      yield* Effect.sleep("2 seconds")
      yield* young.signal("SIGKILL")
      yield* world.startReplica({ name: "new-2", concurrency: 4 })
      yield* addAll(world, "one of this release is killed")
      yield* waitUntil("the newcomer at work", hasBegun(world, "new-2"), 30)
      return {
        recoveries: () => [],
        violations: [],
        afterwards: Effect.map(world.producer.burnt, (jobs) => jobs.map((job) => `an attempt was used up: ${job}`))
      }
    }).pipe(Effect.catchTag("NoFormerRelease", ({ message }) => Effect.succeed({ recoveries: () => [], violations: [message] })))
}
