import * as path from "node:path"
import { Cause, Duration, Effect, type Scope } from "effect"
import { boundedScope } from "./boundedScope.ts"
import { checkLedger, type LedgerVerdict } from "./ledger/checkLedger.ts"
import { isMet, type Recovery } from "./ledger/starts.ts"
import type { Backend } from "./load/Producer.ts"
import { randomFor } from "./random.ts"
import type { Planned } from "./scenarios/catalogue.ts"
import type { Measures } from "./scenarios/Scenario.ts"
import { type Lane, makeWorld, now, waitUntil, type World } from "./scenarios/World.ts"
import type { Step } from "./servers/gates.ts"

export interface Result {
  readonly name: string
  readonly backend: Backend
  readonly jobs: number
  readonly lost: number
  readonly doubled: number
  readonly recoveries: ReadonlyArray<Recovery>
  /** Calls that cost money, and those of them beyond one for each invoice: what an interruption at that step costs. */
  readonly paid: { readonly recognition: number; readonly extraction: number; readonly repeated: number }
  readonly violations: ReadonlyArray<string>
  readonly seconds: number
  /** Where the logs of its replicas are. */
  readonly folder: string
}

type Outcome = Omit<Result, "seconds" | "name" | "backend" | "folder">

/** A scenario that hangs is ended; generous beside what it waits for itself. */
const longest = Duration.minutes(6)

const seen = (world: World) => Effect.all({ starts: world.starts, entries: world.entries })

/** Waits until every job has ended, as long as it may take; then until the queue says the same. */
const settle = (world: World, seconds: number): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const expected = new Set(world.producer.asked.filter((job) => job.expected !== null).map(({ invoiceId }) => invoiceId))
    const allEnded = Effect.map(world.database.finalRows, (rows) =>
      rows.every(({ invoiceId, status }) => !expected.has(invoiceId) || status === "processed" || status === "error"))
    yield* waitUntil("all jobs at an end", allEnded, seconds, 100).pipe(Effect.ignore)
    if (world.producer.asked.some((job) => job.expected === null)) return []
    let left = ""
    const empty = Effect.map(world.producer.unfinishedCounts, (counts) => {
      left = Object.entries(counts).flatMap(([state, count]) => count > 0 ? [`${count} ${state}`] : []).join(", ")
      return left === ""
    })
    return yield* waitUntil("the queue is empty", empty, 15, 100).pipe(Effect.as([]), Effect.catch(() => Effect.succeed([`the queue is not empty in the end: ${left}`])))
  })

/** Every living replica is asked to stop, and must within its grace. */
const stopAll = (world: World): Effect.Effect<ReadonlyArray<string>> =>
  Effect.forEach(world.replicas.filter((replica) => replica.isAlive()), (replica) =>
    Effect.gen(function*() {
      const since = yield* now
      yield* replica.signal("SIGTERM")
      yield* waitUntil("its end", Effect.sync(() => !replica.isAlive()), replica.grace + 5)
      const { at, signal, status } = yield* replica.ended
      return status === 0 ? [] : [`${replica.name} ended with ${signal ?? `status ${status}`} ${((at - since) / 1000).toFixed(1)} s after SIGTERM`]
    }).pipe(Effect.catch(() => Effect.succeed([`${replica.name} did not end within ${replica.grace + 5} s of SIGTERM`]))), { concurrency: "unbounded" }).pipe(Effect.map((all) => all.flat()))

const activeIn = (world: World): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(world.producer.unfinishedCounts, ({ active = 0 }) => active > 0 ? [`${active} jobs are active with every replica stopped`] : [])

const missed = ({ limit, seconds, what }: Recovery): string =>
  seconds === null ? `${what}: not at all, the limit is ${limit.toFixed(1)} s` : `${what}: after ${seconds.toFixed(1)} s, the limit is ${limit.toFixed(1)} s`

const paidCallsOf = ({ gates, producer }: World): Result["paid"] => {
  const surplus = (step: Step) => producer.asked.reduce((total, { invoiceId }) => total + Math.max(0, gates.callsOf(step, invoiceId) - 1), 0)
  return { recognition: gates.calls("recognition"), extraction: gates.calls("extraction"), repeated: surplus("recognition") + surplus("extraction") }
}

/** What there is to tell of a scenario that did not come to its end, or was not run. */
const nothingOf = (violation: string): Outcome => ({
  jobs: 0,
  lost: 0,
  doubled: 0,
  recoveries: [],
  paid: { recognition: 0, extraction: 0, repeated: 0 },
  violations: [violation]
})

const perform = (lane: Lane, { backend, scenario }: Planned, seed: number, folder: string): Effect.Effect<Outcome, never, Scope.Scope> =>
  Effect.gen(function*() {
    const random = randomFor(seed, `${scenario.name}, ${backend}`)
    const world = yield* makeWorld(lane, backend, random, folder)
    const fellShort: Array<string> = []
    const nothing: Measures = { recoveries: () => [], violations: [] }
    const measures = yield* scenario.run(world).pipe(
      Effect.catchCause((cause) => {
        fellShort.push(Cause.hasInterruptsOnly(cause) ? "interrupted" : Cause.prettyErrors(cause).map(({ message }) => message).join("; "))
        return Effect.succeed(nothing)
      })
    )
    yield* Effect.when(world.gates.openAll, Effect.succeed(fellShort.length > 0))
    const queueLeft = yield* settle(world, fellShort.length > 0 ? 5 : scenario.settleSeconds)
    const afterwards = measures.afterwards === undefined ? [] : yield* measures.afterwards
    const ends = yield* stopAll(world)
    const active = yield* activeIn(world)
    const all = yield* seen(world)
    const verdict: LedgerVerdict = checkLedger(world.producer.asked, all.entries, yield* world.database.finalRows, yield* world.producer.queuedInvoices, world.workerOf)
    const recoveries = measures.recoveries(all)
    return {
      jobs: world.producer.asked.length,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoveries,
      paid: paidCallsOf(world),
      violations: [
        ...fellShort,
        ...verdict.lost.map((line) => `lost: ${line}`),
        ...verdict.doubled.map((line) => `doubled: ${line}`),
        ...verdict.wrong,
        ...recoveries.filter((each) => !isMet(each)).map(missed),
        ...measures.violations,
        ...afterwards,
        ...queueLeft,
        ...ends,
        ...active
      ]
    }
  })

/** Runs one scenario to its end, whatever happens in it, and leaves none of its processes behind. */
export const runScenario = (lane: Lane, planned: Planned, options: { readonly seed: number; readonly logs: string; readonly timeLeft: Duration.Duration }): Effect.Effect<Result> =>
  Effect.gen(function*() {
    const { backend, scenario } = planned
    const { logs, seed, timeLeft } = options
    const folder = path.join(logs, `${scenario.name}, ${backend}`.replaceAll(/[^a-zA-Z0-9]+/g, "-"))
    const began = yield* now
    const outcome = yield* perform(lane, planned, seed, folder).pipe(
      boundedScope("15 seconds"),
      Effect.timeoutOrElse({
        duration: Duration.min(longest, timeLeft),
        orElse: () => Effect.succeed(nothingOf("it was ended: the time was over"))
      })
    )
    return { ...outcome, name: scenario.name, backend, folder, seconds: ((yield* now) - began) / 1000 }
  })

/** For one that the time did not suffice for. */
export const notRun = ({ backend, scenario }: Planned): Result => ({
  ...nothingOf("not run: the time was over"),
  name: scenario.name,
  backend,
  folder: "",
  seconds: 0
})
