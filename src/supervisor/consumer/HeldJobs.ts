import { Duration, Effect, type Scope } from "effect"
import type { JobQueue, TakenJob } from "../../services/JobQueue.ts"

/** A few times within each lock, so that one lost answer does no harm. */
const renewalsPerLock = 4
/** A job stops this long before its lock can have run out: time to be interrupted and to let go. */
const marginMillis = 1_500
const lookEvery = Duration.millis(250)

/**
 * The locks of the jobs at work here. Renews them all together; what could not be renewed in time, or is found to be
 * somebody else's, is lost: `onLost` is told once, before the lock can have run out. Time is this process's monotonic
 * clock, counted from before a renewal was sent; a process that stood still finds its locks lost when it goes on.
 */
export interface HeldJobs {
  readonly hold: (job: TakenJob) => Effect.Effect<void>
  /** Its outcome is being told: that its lock is gone is the sign that the queue has heard. */
  readonly telling: (jobId: string) => Effect.Effect<void>
  readonly letGo: (jobId: string) => Effect.Effect<void>
  readonly isLost: (jobId: string) => boolean
  readonly jobs: Effect.Effect<ReadonlyArray<TakenJob>>
}

interface Held {
  readonly job: TakenJob
  /** `performance.now()` at which the lock may run out. */
  until: number
  lost: boolean
  isTelling: boolean
}

export const makeHeldJobs = (options: {
  readonly queue: JobQueue
  readonly onLost: (job: TakenJob, why: string) => Effect.Effect<void>
  readonly onContact: Effect.Effect<void>
}): Effect.Effect<HeldJobs, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { onContact, onLost, queue } = options
    const lockMillis = Duration.toMillis(queue.lockDuration)
    const held = new Map<string, Held>()

    const lose = (one: Held, why: string) =>
      Effect.suspend(() => {
        if (one.lost) return Effect.void
        one.lost = true
        return onLost(one.job, why)
      })

    const renewAll = Effect.gen(function*() {
      const mine = [...held.values()].filter(({ lost }) => !lost)
      if (mine.length === 0) return
      const sentAt = performance.now()
      const gone = new Set(yield* queue.renew(mine.map(({ job }) => job)))
      yield* onContact
      for (const one of mine) {
        if (!gone.has(one.job.attempt.jobId)) one.until = sentAt + lockMillis
        else if (!one.isTelling) yield* lose(one, "another worker has it")
      }
    }).pipe(Effect.catch((error) => Effect.logDebug(`locks could not be renewed: ${error.message}`)))

    const expireSome = Effect.suspend(() => {
      const now = performance.now()
      const late = [...held.values()].filter(({ lost, until }) => !lost && now > until - marginMillis)
      return Effect.forEach(late, (one) => lose(one, "its lock could not be renewed in time"), { discard: true })
    })

    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(Duration.millis(lockMillis / renewalsPerLock)), renewAll)))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookEvery), expireSome)))

    return {
      hold: (job) =>
        Effect.sync(() => {
          held.set(job.attempt.jobId, { job, until: performance.now() + lockMillis, lost: false, isTelling: false })
        }),
      telling: (jobId) =>
        Effect.sync(() => {
          const one = held.get(jobId)
          if (one !== undefined) one.isTelling = true
        }),
      letGo: (jobId) => Effect.sync(() => void held.delete(jobId)),
      isLost: (jobId) => held.get(jobId)?.lost ?? true,
      jobs: Effect.sync(() => [...held.values()].filter(({ lost }) => !lost).map(({ job }) => job))
    }
  })
