import { Effect, type Scope } from "effect"
import type { RowLock } from "../ledger/Database.ts"
import type { Uploaded } from "../load/Producer.ts"
import type { Step } from "../servers/gates.ts"
import type { WorkerProcess } from "../workers/WorkerProcess.ts"
import { type DidNotHappen, waitUntil, type World } from "./World.ts"

/** Where one replica holds its jobs when the fault strikes: one at every boundary between two steps. */
export interface HeldJobs {
  /** Waits in the database for its row, which the harness has locked: fetched, the claim not yet written. */
  readonly fetched: Uploaded
  /** The row says `processing`, the download has been requested. */
  readonly claimed: Uploaded
  readonly recognition: Uploaded
  readonly extraction: Uploaded
  /** The whole reading is on its way to the row, which is locked. */
  readonly saving: Uploaded
  /** The row says `processed`; its worker cannot tell the queue. */
  readonly saved: Uploaded
  readonly acknowledged: Uploaded
  /** Those that the fault may make somebody start again. */
  readonly begun: ReadonlyArray<Uploaded>
  readonly lockedIds: ReadonlySet<string>
  readonly jobIdOf: (uploaded: Uploaded) => string
  /** With every other slot taken, the victim's last one takes the job that gets no further than being fetched. */
  readonly fetchOne: Effect.Effect<void, DidNotHappen, Scope.Scope>
  /** The last moves, after which the fault has to follow at once: one about to be saved, one acknowledged, one saved only. */
  readonly bringToTheEdge: Effect.Effect<void, DidNotHappen, Scope.Scope>
  /** New requests pass; those that are held stay held. */
  readonly letOthersPass: Effect.Effect<void>
  readonly openGates: Effect.Effect<void>
  readonly unlockRows: Effect.Effect<void>
  /** Gates and locks, each at a moment of its own within these milliseconds; returns at once. */
  readonly openWithin: (millis: number) => Effect.Effect<void, never, Scope.Scope>
}

/** Slots that a replica needs to hold one job at each boundary. */
export const boundarySlots = 7

/** A job that waits at a row lock holds no gate; all others one of these. */
const gatesOf: ReadonlyArray<readonly [keyof HeldJobs & ("claimed" | "recognition" | "extraction"), Step]> = [
  ["claimed", "download"],
  ["recognition", "recognition"],
  ["extraction", "extraction"]
]

const reached = (what: string, wait: Effect.Effect<unknown>) =>
  Effect.suspend(() => {
    let there = false
    return Effect.raceFirst(
      Effect.asVoid(Effect.tap(wait, () => Effect.sync(() => void (there = true)))),
      waitUntil(`a job ${what}`, Effect.sync(() => there), 25)
    )
  })

const someoneWaits = (what: string, lock: RowLock) => waitUntil(`a job ${what}`, Effect.map(lock.waiting, (ports) => ports.length > 0), 25)

/**
 * Brings one job to each boundary. `victim` must be the only replica that takes jobs now; in the end it has no slot
 * left. A row is locked only shortly before the fault: whoever waits for a lock may have a time limit of its own.
 */
export const holdAtEveryBoundary = (world: World, victim: WorkerProcess): Effect.Effect<HeldJobs, DidNotHappen, Scope.Scope> =>
  Effect.gen(function*() {
    const { database, gates, producer } = world
    const upload = (about: string) => producer.upload({ about, kind: "photo" })
    const claimed = yield* upload("claimed, download requested")
    const recognition = yield* upload("recognition requested")
    const extraction = yield* upload("extraction requested")
    const saving = yield* upload("about to be saved")
    const saved = yield* upload("saved, not yet acknowledged")
    const acknowledged = yield* upload("acknowledged")
    const fetched = yield* upload("fetched, not yet claimed")
    const placeholder = yield* upload("in the last slot")

    for (const { invoiceId } of [claimed, placeholder]) yield* gates.shut("download", invoiceId)
    yield* gates.shut("recognition", recognition.invoiceId)
    for (const { invoiceId } of [extraction, saving, saved, acknowledged]) yield* gates.shut("extraction", invoiceId)

    const ids = new Map<string, string>()
    const enqueue = (uploaded: Uploaded) =>
      Effect.map(producer.enqueue(uploaded, "without-priority"), (id) => void ids.set(uploaded.invoiceId, id))
    yield* Effect.forEach(world.random.shuffle([claimed, recognition, extraction, saving, saved, acknowledged, placeholder]), enqueue, { discard: true })
    for (const { invoiceId } of [claimed, placeholder]) yield* reached("claimed, download requested", gates.arrival("download", invoiceId))
    yield* reached("whose recognition is requested", gates.arrival("recognition", recognition.invoiceId))
    for (const { invoiceId } of [extraction, saving, saved, acknowledged]) yield* reached("whose extraction is requested", gates.arrival("extraction", invoiceId))

    const held = { fetched, claimed, recognition, extraction, saving, saved, acknowledged }
    const locks: Array<RowLock> = []
    const jobIdOf = ({ invoiceId }: Uploaded) => ids.get(invoiceId) ?? ""
    const statusIs = (invoiceId: string, status: string) =>
      Effect.map(database.finalRows, (rows) => rows.some((row) => row.invoiceId === invoiceId && row.status === status))
    const aboutToSave = Effect.fnUntraced(function*({ invoiceId }: Uploaded) {
      const lock = yield* database.lockRow(invoiceId)
      yield* gates.open("extraction", invoiceId)
      yield* someoneWaits("about to be saved", lock)
      return lock
    })

    return {
      ...held,
      begun: [fetched, claimed, recognition, extraction, saving],
      lockedIds: new Set([fetched.invoiceId, saving.invoiceId]),
      jobIdOf,
      fetchOne: Effect.gen(function*() {
        const lock = yield* database.lockRow(fetched.invoiceId)
        yield* enqueue(fetched)
        yield* gates.open("download", placeholder.invoiceId)
        yield* someoneWaits("fetched, not yet claimed", lock)
        locks.push(lock)
      }),
      bringToTheEdge: Effect.gen(function*() {
        locks.push(yield* aboutToSave(saving))
        const savedLock = yield* aboutToSave(saved)
        yield* gates.open("extraction", acknowledged.invoiceId)
        yield* waitUntil("a job acknowledged", Effect.map(producer.jobOf(jobIdOf(acknowledged)), (job) => job === null || job.state === "completed"), 15)
        // The connection that saves goes on; every other one to the queue's server stands still.
        const ports = yield* savedLock.waiting
        yield* world.backend === "redis" ? victim.links.redis.hold() : victim.links.postgres.hold(ports)
        yield* savedLock.release
        yield* waitUntil("a job saved", statusIs(saved.invoiceId, "processed"), 15, 10)
      }),
      letOthersPass: Effect.forEach(gatesOf, ([at, step]) => gates.letOthersPass(step, held[at].invoiceId), { discard: true }),
      openGates: Effect.forEach(gatesOf, ([at, step]) => gates.open(step, held[at].invoiceId), { discard: true }),
      unlockRows: Effect.suspend(() => Effect.forEach(locks, (lock) => lock.release, { discard: true })),
      openWithin: (millis) =>
        Effect.forEach([
          ...gatesOf.map(([at, step]) => gates.open(step, held[at].invoiceId)),
          ...locks.map((lock) => lock.release)
        ], (open) => Effect.forkScoped(Effect.andThen(Effect.sleep(world.random.between(0, millis)), open)), { discard: true })
    }
  })
