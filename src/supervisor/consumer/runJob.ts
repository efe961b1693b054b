import { Cause, Duration, Effect, Exit, Option } from "effect"
import { defaultBackoff } from "../../domain/Backoff.ts"
import { databasePause } from "../../domain/Retry.ts"
import { Verdict } from "../../domain/Verdict.ts"
import { JobClaims, type JobHistory, type JobKey } from "../../services/JobClaims.ts"
import type { JobAttempt, JobQueue, TakenJob } from "../../services/JobQueue.ts"
import type { HeldJobs } from "./HeldJobs.ts"
import { Solitude } from "./Solitude.ts"

/** A job that kills its process this often, with nothing else at work there, is not run again. */
const deathsAloneAllowed = 2
/** How long a suspect waits for the others in its process to end; then another process may have it. */
const patience = Duration.seconds(20)
const suspectPause = Duration.seconds(3)
const tellAgain = Duration.millis(500)

export type Handle<R> = (attempt: JobAttempt) => Effect.Effect<Verdict, never, R>

/** What came of a taken job: its verdict, and whether the job has begun at all. */
interface Outcome {
  readonly verdict: Verdict
  readonly began: boolean
}

const notBegun = (verdict: Verdict): Outcome => ({ verdict, began: false })

/** `handle` promises not to fail; should it break all the same, its job is treated like any that failed. */
const guarded = <R>(handle: Handle<R>, attempt: JobAttempt): Effect.Effect<Outcome, never, R> =>
  Effect.suspend(() => handle(attempt)).pipe(
    Effect.catchDefect((defect) =>
      Effect.logError(`queue ${attempt.queue}: the handler of job ${attempt.jobId} broke`, Cause.die(defect)).pipe(
        Effect.as<Verdict>(attempt.number < attempt.maxAttempts
          ? Verdict.Retry({ after: defaultBackoff.delay, reason: "the attempt broke" })
          : Verdict.Fail({ reason: "the attempt broke" }))
      )
    ),
    Effect.map((verdict) => ({ verdict, began: true }))
  )

const quarantine = ({ deathsAlone }: JobHistory): string =>
  `the job has ended its process ${deathsAlone} times while nothing else was running there`

const runAmong = <R>({ attempt }: TakenJob, handle: Handle<R>): Effect.Effect<Outcome, never, R | Solitude> =>
  Effect.flatMap(Solitude, (solitude) => Effect.map(solitude.among(guarded(handle, attempt)), Option.getOrElse(() => notBegun(Verdict.GiveBack()))))

/** A job that was lost by its holder: among others where that was no death, or else alone. */
const runLost = <R>(job: TakenJob, key: JobKey, handle: Handle<R>): Effect.Effect<Outcome, never, R | JobClaims | Solitude> =>
  Effect.gen(function*() {
    const claims = yield* JobClaims
    const solitude = yield* Solitude
    const { attempt, lost } = job
    const history = yield* claims.begin(key, lost?.by ?? null)
    if (history.deathsAlone >= deathsAloneAllowed) return yield* guarded(handle, { ...attempt, condemned: quarantine(history) })
    if (history.deaths === 0) return yield* runAmong(job, handle)
    yield* Effect.logWarning(`queue ${attempt.queue}: a process died while it ran job ${attempt.jobId}; the job runs alone now`)
    const alone = claims.runsAlone(key).pipe(Effect.andThen(guarded(handle, attempt)))
    return Option.getOrElse(yield* solitude.alone(patience, alone), () =>
      notBegun(Verdict.Postpone({ after: suspectPause, reason: "it is to run alone, and other jobs are running" })))
  }).pipe(
    Effect.catch((error) => Effect.as(Effect.logWarning(error.message), notBegun(Verdict.Postpone({ after: databasePause, reason: error.message }))))
  )

/**
 * From a taken job to an acknowledged verdict. What interrupts it decides the verdict: a lost lock abandons the job,
 * anything else gives it back. The queue is told until it has heard, or until the lock is lost.
 */
export const runJob = <R>(
  job: TakenJob,
  options: {
    readonly queue: JobQueue
    readonly held: HeldJobs
    readonly handle: Handle<R>
    /** The job has a record though the queue knows of no loss. */
    readonly isRecorded: boolean
    /** This process is about to end. */
    readonly isDraining: () => boolean
    /** The job has ended: another may begin while the queue is told. */
    readonly leaveSlot: Effect.Effect<void>
  }
): Effect.Effect<Verdict, never, R | JobClaims | Solitude> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const { handle, held, isDraining, isRecorded, leaveSlot, queue } = options
      const claims = yield* JobClaims
      const { jobId, queue: name } = job.attempt
      const key: JobKey = { queue: name, jobId, tenant: job.tenant }
      const isSuspect = job.lost !== null || isRecorded
      const exit = yield* Effect.exit(restore(isSuspect ? runLost(job, key, handle) : runAmong(job, handle)))
      const outcome = Exit.isSuccess(exit) ? exit.value : { verdict: held.isLost(jobId) ? Verdict.Abandon() : Verdict.GiveBack(), began: false }
      // What keeps this process from running it may not keep another.
      const { began, verdict } = outcome.verdict._tag === "Postpone" && isDraining() ? notBegun(Verdict.GiveBack()) : outcome

      const tell: Effect.Effect<boolean> = Effect.suspend(() => {
        if (verdict._tag === "Abandon" || held.isLost(jobId)) return Effect.succeed(false)
        return queue.acknowledge(job, verdict).pipe(
          Effect.map((answer) => answer === "done"),
          Effect.catch((error) => Effect.logDebug(error.message).pipe(Effect.andThen(Effect.sleep(tellAgain)), Effect.andThen(tell)))
        )
      })
      // A history goes with the job that made it through; one that has not begun keeps its own.
      if (isSuspect) yield* began && verdict._tag !== "GiveBack" && verdict._tag !== "Abandon" ? claims.end(key) : claims.putBack(key)
      yield* held.telling(jobId)
      yield* leaveSlot
      const told = yield* tell
      yield* held.letGo(jobId)
      if (told || verdict._tag === "GiveBack") return verdict
      if (verdict._tag !== "Abandon") {
        yield* Effect.logWarning(`queue ${name}: the lock of job ${jobId} was lost before its outcome could be told; the job comes again`)
      }
      return Verdict.Abandon()
    }))
