import { Duration, Effect, Layer, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import type { QueueName } from "../../src/contract/index.ts"
import { Verdict } from "../../src/domain/Verdict.ts"
import { type Acknowledgement, type JobQueue, JobQueueError, JobQueues, type TakenJob, type TakeRules } from "../../src/services/JobQueue.ts"
import { isLockLost } from "./acknowledge.ts"
import { boundedCall } from "./boundedCall.ts"
import { lostOf, tenantOf, toJobAttempt } from "./jobAttempt.ts"
import { type OpenTaker, QueueBackend } from "./QueueBackend.ts"
import type { HandedOut } from "./TenantLine.ts"
import { troubleOf } from "./troubleOf.ts"
import { workerSettings } from "./workerSettings.ts"

/** Longer than any answer takes, shorter than a lock lasts. */
const answerLimit = Duration.seconds(4)

/** One blocking call; Redis rounds it up to whole seconds, so shorter waits end beside it. */
const blockLimit = Duration.seconds(2)

const messageOf = (cause: unknown): string => cause instanceof Error && cause.message !== "" ? cause.message : "unknown error"

const jobQueueOf = (queue: QueueName, { line, worker }: OpenTaker): Effect.Effect<JobQueue, never, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<never>()
    const runFork = Effect.runForkWith(context)
    const tokens = `${randomUUID()}:`
    let taken = 0
    let closing = false
    const handles = new WeakMap<TakenJob, HandedOut>()

    const failure = (detail: string) => (cause: unknown) => new JobQueueError({ queue, kind: troubleOf(cause), detail: `${detail}: ${messageOf(cause)}`, cause })
    const late = (doing: string) => new JobQueueError({ queue, kind: "no-answer", detail: `${doing}: its server does not answer` })
    const asked = <A>(doing: string, call: () => Promise<A>, options: { readonly limit?: Duration.Duration; readonly landed?: (answer: A) => void } = {}) =>
      boundedCall({
        call,
        limit: options.limit ?? answerLimit,
        failed: failure(doing),
        late: () => late(doing),
        ...(options.landed === undefined ? {} : { landed: options.landed })
      })

    const putFirst = (jobIds: ReadonlyArray<string>) => asked("jobs could not be put first", () => line.bringToFront(jobIds))
    const giveBack = (handedOut: HandedOut) =>
      asked("a job could not be given back", () => line.acknowledge(handedOut, Verdict.GiveBack())).pipe(
        Effect.andThen(putFirst([handedOut.job.id ?? ""]))
      )

    const take = (count: number, rules: TakeRules) =>
      asked("no job could be taken", () => line.handOut(Array.from({ length: count }, () => `${tokens}${taken++}`), rules), {
        // Nobody waits for them any more: the next one may have them.
        landed: ({ handedOut }) => void runFork(Effect.forEach(handedOut, (one) => Effect.ignore(giveBack(one)), { discard: true }))
      }).pipe(
        Effect.map(({ handedOut, nextDueMillis, ...rest }) => ({
          ...rest,
          jobs: handedOut.map((one) => {
            const { formerly, job, token } = one
            const mine: TakenJob = { attempt: toJobAttempt(queue, job), token, tenant: tenantOf(job), lost: lostOf(job, formerly) }
            handles.set(mine, one)
            return mine
          }),
          nextDue: nextDueMillis === null ? null : Duration.millis(nextDueMillis)
        })),
        Effect.uninterruptible
      )

    const acknowledged = (job: TakenJob, verdict: Verdict): Effect.Effect<Acknowledgement, JobQueueError> => {
      const handle = handles.get(job)
      if (handle === undefined || verdict._tag === "Abandon") return Effect.succeed("lock-lost")
      return asked("the outcome of a job could not be told", () => line.acknowledge(handle, verdict)).pipe(
        Effect.andThen(verdict._tag === "GiveBack" ? Effect.ignore(putFirst([job.attempt.jobId])) : Effect.void),
        Effect.as<Acknowledgement>("done"),
        Effect.catch((error) => isLockLost(error.cause) ? Effect.succeed<Acknowledgement>("lock-lost") : Effect.fail(error))
      )
    }

    // One wait at a time, whoever asks. One that nobody waits for any more may eat the sign that a job is there: then
    // somebody else is woken in its place.
    const waiting = new Set<(outcome: Effect.Effect<void, JobQueueError>) => void>()
    let wait: Promise<void> | null = null
    const answer = (outcome: Effect.Effect<void, JobQueueError>): void => {
      for (const resume of waiting) resume(outcome)
      waiting.clear()
    }
    const beginWait = async (): Promise<void> => {
      try {
        const sign = await worker.backend.waitForJob(Duration.toSeconds(blockLimit))
        if (waiting.size === 0 && sign !== null) runFork(Effect.ignore(asked("nobody could be woken", line.wake)))
        answer(Effect.void)
      } catch (cause) {
        answer(Effect.fail(failure("waiting for jobs failed")(cause)))
      } finally {
        wait = null
      }
    }
    const awaitWork = (atMost: Duration.Duration) =>
      Effect.callback<void, JobQueueError>((resume) => {
        if (closing) return
        waiting.add(resume)
        wait ??= beginWait()
        return Effect.sync(() => waiting.delete(resume))
      }).pipe(Effect.timeoutOption(atMost), Effect.asVoid)
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closing = true
        return Effect.ignore(asked("the wait could not be ended", () => worker.backend.disconnectBlocking(true), { limit: Duration.seconds(1) }))
      })
    )

    return {
      lockDuration: Duration.millis(workerSettings.lockDuration),
      take,
      awaitWork,
      renew: (jobs) =>
        jobs.length === 0 ? Effect.succeed([]) : asked("locks could not be renewed", () =>
          line.renew(jobs.map(({ attempt }) => attempt.jobId), jobs.map(({ token }) => token))),
      acknowledge: acknowledged,
      recoverStalled: asked("stalled jobs could not be looked for", line.recoverStalled).pipe(
        Effect.tap(putFirst)
      ),
      counts: line.counts.pipe(
        Effect.mapError(failure("its jobs could not be counted")),
        Effect.timeoutOrElse({ duration: answerLimit, orElse: () => Effect.fail(late("its jobs could not be counted")) })
      )
    }
  })

/** `JobQueues` on BullMQ, whichever backend. */
export const BullmqJobQueues: Layer.Layer<JobQueues, never, QueueBackend> = Layer.effect(
  JobQueues,
  Effect.map(QueueBackend, ({ openTaker }) =>
    JobQueues.of({
      open: Effect.fn("JobQueues.open")((queue: QueueName) => Effect.flatMap(openTaker(queue), (taker) => jobQueueOf(queue, taker)))
    }))
)
