import { Duration, Effect, FiberSet, Option, Queue, Ref } from "effect"
import { attributes } from "../../src/observability/attributes.ts"
import { DueRuns, type DueTick } from "../../src/services/DueRuns.ts"
import type { LocalTask } from "../../src/services/LocalTask.ts"
import { type ScheduleRegistration, Schedules, type SchedulesError } from "../../src/services/Schedules.ts"
import { leaseOf, runTask } from "./runTask.ts"

/** Schedules that one tick takes: its transaction stays below a tenth of a second. */
const tickLimit = 1_000
/** A change that was not heard of (the listener had lost its connection) is seen after this long at the latest. */
const longestSleep = Duration.seconds(30)
/** What is due may be in another replica's hands: looked at again, but not in a circle. */
const shortestSleep = Duration.millis(100)
/** The database is away: asked again this often; where somebody has to mend it, less often. */
const awayPause = Duration.seconds(1)
const misfitPause = Duration.seconds(30)
/** Tasks of the worker's own that run in this process at once. */
const tasksAtOnce = 4

export interface SchedulerOptions<R> {
  /** Which process this is, on the rows that it makes. */
  readonly by: string
  /** Tasks that schedules start by name in this process. */
  readonly tasks: ReadonlyArray<LocalTask<R>>
  /** The worker's own schedules: registered at the start. */
  readonly schedules: ReadonlyArray<ScheduleRegistration>
}

/** Enqueues up to a thousand of what is due, over all tenants. */
export const tick = Effect.fn("Scheduler.tick")(function*(by: string) {
  const done = yield* (yield* DueRuns).enqueueDue({ limit: tickLimit, by })
  yield* Effect.annotateCurrentSpan({
    [attributes.schedulesTaken]: done.taken,
    [attributes.runsEnqueued]: done.enqueued,
    [attributes.runsOfTasks]: done.tasks,
    [attributes.runsSkipped]: done.skipped
  })
  yield* tell(done)
  return done
})

const tell = ({ faults, skipped }: DueTick): Effect.Effect<void> =>
  Effect.gen(function*() {
    if (skipped > 0) yield* Effect.logWarning(`${skipped} missed runs are not made up for, as their schedules ask`)
    for (const name of faults) yield* Effect.logError(`schedule ${name} was stopped: its row cannot be read; register it again`)
  })

/** Never returns, never fails: an outage of the database is told once, waited for and told to be over. */
export const runScheduler = <R>(options: SchedulerOptions<R>): Effect.Effect<never, never, DueRuns | Schedules | R> =>
  Effect.gen(function*() {
    const dueRuns = yield* DueRuns
    const schedules = yield* Schedules
    const running = yield* FiberSet.make<void>()
    const registered = yield* Ref.make(false)
    const away = yield* Ref.make(false)
    const wake = yield* Queue.sliding<void>(1)

    const startTasks = Effect.gen(function*() {
      for (const task of options.tasks) {
        const free = tasksAtOnce - (yield* FiberSet.size(running))
        if (free <= 0) return
        const taken = yield* dueRuns.takeTasks({ tasks: [task.name], by: options.by, lease: leaseOf(task), limit: free })
        yield* Effect.forEach(taken, (run) =>
          FiberSet.run(running, runTask(task, run, options.by).pipe(Effect.ensuring(Queue.offer(wake, undefined)))))
      }
    })

    /** One look; says how long to sleep until the next. */
    const look = Effect.gen(function*() {
      if (!(yield* Ref.get(registered))) {
        yield* schedules.register(options.schedules)
        yield* Ref.set(registered, true)
      }
      const { full } = yield* tick(options.by)
      yield* startTasks
      if (full) return Duration.zero
      const places = (yield* FiberSet.size(running)) < tasksAtOnce
      const until = yield* dueRuns.untilNext(places ? options.tasks.map(({ name }) => name) : [])
      return Duration.clamp(Option.getOrElse(until, () => longestSleep), { minimum: shortestSleep, maximum: longestSleep })
    })

    const isBack = Effect.gen(function*() {
      if (yield* Ref.getAndSet(away, false)) yield* Effect.logInfo("the schedules can be looked at again")
    })

    const isAway = Effect.fnUntraced(function*(error: SchedulesError) {
      if (!(yield* Ref.getAndSet(away, true))) yield* Effect.logWarning(`the schedules cannot be looked at; trying again until they can: ${error.message}`)
      return error.reason === "unavailable" ? awayPause : misfitPause
    })

    const listen = Effect.scoped(Effect.gen(function*() {
      const heard = yield* dueRuns.changed
      // What changed before the listening began has been missed.
      yield* Queue.offer(wake, undefined)
      return yield* Effect.forever(Effect.andThen(heard, Queue.offer(wake, undefined)))
    })).pipe(
      // Told by the looks, which fail as well; without either, the longest sleep bounds what is missed.
      Effect.catch(() => Effect.sleep(longestSleep)),
      Effect.forever
    )

    yield* Effect.forkScoped(listen)
    return yield* look.pipe(
      Effect.tap(isBack),
      Effect.catch(isAway),
      Effect.flatMap((pause) => Duration.isZero(pause) ? Effect.yieldNow : Effect.raceFirst(Effect.sleep(pause), Effect.andThen(Queue.take(wake), Effect.sleep(shortestSleep)))),
      Effect.forever
    )
  }).pipe(Effect.scoped)
