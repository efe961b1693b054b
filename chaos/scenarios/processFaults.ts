import { Duration, Effect } from "effect"
import { firstStart, recovery, slowest } from "../ledger/starts.ts"
import type { WorkerProcess } from "../workers/WorkerProcess.ts"
import type { Fault } from "./faultAtEveryBoundary.ts"
import type { Seen } from "./Scenario.ts"
import { now, waitUntil } from "./World.ts"

const both = ["redis", "postgres"] as const

/** After a death another replica has its jobs within this many seconds. */
const restartLimit = 15

/** A process that is gone has no connections; what it had on the way is lost with it. */
const killNow = (worker: WorkerProcess) =>
  worker.signal("SIGKILL").pipe(Effect.andThen(worker.links.redis.cut), Effect.andThen(worker.links.postgres.cut))

const startOf = ({ starts }: Seen, invoiceId: string, since: number, notBy: ReadonlyArray<string>): number | null =>
  firstStart(starts, (start) => start.invoiceId === invoiceId && start.at >= since && !notBy.includes(start.worker))

const killed: Fault = {
  name: "kill -9 of a replica",
  backends: both,
  ci: ["redis"],
  settleSeconds: 40,
  usualSeconds: 35,
  strike: ({ freeSlots, held, victim }) =>
    Effect.gen(function*() {
      const since = yield* now
      yield* killNow(victim)
      yield* Effect.all([held.openGates, held.unlockRows, freeSlots])
      return {
        recoveries: (seen) => [
          slowest("the dead replica's jobs start on another", since, held.begun.map(({ invoiceId }) => startOf(seen, invoiceId, since, [victim.name])), restartLimit)
        ],
        violations: []
      }
    })
}

const bothKilled: Fault = {
  name: "kill -9 of every replica, then a new one",
  backends: both,
  settleSeconds: 45,
  usualSeconds: 40,
  strike: ({ freeSlots, held, other, victim, world }) =>
    Effect.gen(function*() {
      yield* Effect.all([killNow(victim), killNow(other)])
      yield* Effect.all([held.openGates, held.unlockRows, freeSlots])
      yield* world.startReplica({ name: "C", concurrency: 4 })
      const since = yield* now
      return {
        recoveries: (seen) => [
          slowest("the dead replicas' jobs start on the new one", since, held.begun.map(({ invoiceId }) => startOf(seen, invoiceId, since - 3_000, [victim.name, other.name])), restartLimit)
        ],
        violations: []
      }
    })
}

/** Longer than any lock; a revived holder must not know better than the one that took over. */
const stopped: Fault = {
  name: "SIGSTOP of a replica for longer than its lock, then SIGCONT",
  backends: both,
  settleSeconds: 40,
  usualSeconds: 45,
  strike: ({ freeSlots, held, victim, world }) =>
    Effect.gen(function*() {
      const since = yield* now
      yield* victim.signal("SIGSTOP")
      yield* Effect.all([held.letOthersPass, freeSlots])
      yield* Effect.sleep(Duration.millis(world.random.between(300, 1_500)))
      yield* held.unlockRows
      yield* Effect.sleep(Duration.millis(world.random.between(12_000, 14_000)))
      yield* victim.links.postgres.mend
      // Answers may lie in its sockets before it goes on, and on Redis it cannot ask at first whether its locks still hold.
      const answersFirst = world.random.chance(0.5)
      if (answersFirst) yield* held.openGates
      yield* victim.signal("SIGCONT")
      const revived = yield* now
      yield* Effect.sleep(Duration.millis(world.random.between(0, 500)))
      yield* held.openGates
      yield* Effect.sleep(Duration.millis(world.random.between(300, 1_500)))
      yield* victim.links.redis.mend
      // The rows that it waited for are its own until it goes on: PostgreSQL gave it the lock.
      const free = held.begun.filter(({ invoiceId }) => !held.lockedIds.has(invoiceId))
      const locked = held.begun.filter(({ invoiceId }) => held.lockedIds.has(invoiceId))
      return {
        recoveries: (seen) => [
          slowest("the stopped replica's jobs start on another", since, free.map(({ invoiceId }) => startOf(seen, invoiceId, since, [victim.name])), restartLimit),
          slowest(
            "what it held locked is processed once it goes on",
            revived,
            locked.map(({ invoiceId }) => seen.entries.find((entry) => entry.invoiceId === invoiceId && entry.to === "processed")?.at ?? null),
            restartLimit
          )
        ],
        violations: []
      }
    })
}

/** The k-th job that was handed back may wait for the k-th slot that became free, and one second more. */
const afterFreeSlots = (seen: Seen, victim: WorkerProcess, ids: ReadonlyArray<string>, since: number) => {
  const starts = ids.map((id) => startOf(seen, id, since - 1_000, [victim.name]))
  if (starts.some((at) => at === null)) return recovery("handed-back jobs start after a free slot", since, null, 1)
  const free = seen.entries.filter(({ at, from, to }) => at >= since && from === "processing" && to !== "processing").map(({ at }) => at).sort((a, b) => a - b)
  const delays = starts.flatMap((at) => at === null ? [] : [at]).sort((a, b) => a - b).map((at, index) => at - Math.max(since, free[index] ?? since))
  return recovery("handed-back jobs start after a free slot", 0, Math.max(0, ...delays), 1)
}

const drained = (name: string, options: { readonly grace: number; readonly second: boolean }, about: Partial<Fault>): Fault => ({
  name,
  backends: both,
  settleSeconds: 10,
  usualSeconds: 30,
  graceSeconds: options.grace,
  ...about,
  strike: ({ freeSlots, held, victim, world }) =>
    Effect.gen(function*() {
      const since = yield* now
      yield* victim.signal("SIGTERM")
      yield* Effect.all([victim.links.redis.mend, victim.links.postgres.mend, held.letOthersPass, freeSlots])
      if (options.second) {
        yield* Effect.sleep(Duration.seconds(1))
        yield* victim.signal("SIGTERM")
      } else {
        yield* Effect.sleep(Duration.seconds(options.grace))
      }
      const handBackFrom = yield* now
      yield* Effect.sleep("150 millis")
      yield* held.unlockRows
      const exitLimit = options.second ? 6 : options.grace + 5
      yield* waitUntil(`the exit of ${victim.name} after SIGTERM`, Effect.sync(() => !victim.isAlive()), exitLimit + 3)
      const { at, signal, status } = yield* victim.ended
      const told = victim.said().find((line) => /handed back/.test(line))
      const handedBackAt = told === undefined ? at : yield* victim.says(/handed back/)
      yield* held.openGates
      const ids = held.begun.map(({ invoiceId }) => invoiceId)
      yield* waitUntil(
        "the handed-back jobs processed",
        Effect.map(world.database.finalRows, (rows) => ids.every((id) => rows.some((row) => row.invoiceId === id && row.status === "processed"))),
        20
      ).pipe(Effect.ignore)
      const jobs = yield* Effect.forEach(held.begun, (uploaded) => world.producer.jobOf(held.jobIdOf(uploaded)))
      const overdrawn = jobs.filter((job) => job !== null && job.attemptsMade > 1).length
      const line = /(\d+) finished, (\d+) handed back/.exec(told ?? "")
      return {
        recoveries: (seen) => [
          recovery("the process ends after SIGTERM", since, at, exitLimit),
          afterFreeSlots(seen, victim, ids, Math.min(handedBackAt, handBackFrom + 2_000))
        ],
        violations: [
          ...(status === 0 ? [] : [`${victim.name} ended with ${signal ?? `status ${status}`} instead of status 0`]),
          ...(line === null ? [`${victim.name} did not say how many it finished and handed back`] : []),
          ...(overdrawn > 0 ? [`${overdrawn} handed-back jobs have used up an attempt`] : [])
        ]
      }
    })
})

export const processFaults: ReadonlyArray<Fault> = [
  killed,
  bothKilled,
  stopped,
  drained("SIGTERM with 1,000 others waiting", { grace: 2, second: false }, { crowd: 1_000, ci: ["postgres"] }),
  drained("SIGTERM twice, the second one does not wait", { grace: 20, second: true }, { usualSeconds: 20 })
]
