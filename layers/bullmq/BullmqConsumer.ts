import { Duration, Effect, Exit, Fiber, FiberMap, Latch, Layer, type Scope } from "effect"
import type { Job } from "bullmq"
import { Verdict } from "../../src/domain/Verdict.ts"
import { defaultBackoff } from "../../src/domain/Backoff.ts"
import { type JobAttempt, JobConsumer, type JobConsumerError, type SubscribeOptions, type Subscription } from "../../src/services/JobConsumer.ts"
import { acknowledge } from "./acknowledge.ts"
import { toJobAttempt } from "./jobAttempt.ts"
import { QueueBackend } from "./QueueBackend.ts"

/** Handing back is one statement per job; a connection that does not answer must not hold up the end. */
const handBackLimit = Duration.seconds(4)

type InterruptedFor = "lock-lost" | "hand-back"

const subscribe = <R>(
  { concurrency, handle, queue }: SubscribeOptions<R>
): Effect.Effect<Subscription, JobConsumerError, QueueBackend | R | Scope.Scope> =>
  Effect.gen(function*() {
    const backend = yield* QueueBackend
    const context = yield* Effect.context<R>()
    // Made before the worker, so that the fibers outlive it when the scope closes.
    const fibers = yield* FiberMap.make<string, Verdict>()
    const interruptedFor = new Map<string, InterruptedFor>()
    const idle = yield* Latch.make(true)
    let running = 0
    let finished = 0
    let stopping = false

    /** `handle` promises not to fail; should it break all the same, its job is treated like any that failed. */
    const guarded = (attempt: JobAttempt) =>
      Effect.suspend(() => handle(attempt)).pipe(
        Effect.catchDefect((defect) =>
          Effect.logError(`queue ${queue}: the handler of job ${attempt.jobId} broke`, defect).pipe(
            Effect.as(attempt.number < attempt.maxAttempts
              ? Verdict.Retry({ after: defaultBackoff.delay, reason: "the attempt broke" })
              : Verdict.Fail({ reason: "the attempt broke" }))
          )
        )
      )

    const verdictOf = (jobId: string, exit: Exit.Exit<Verdict>): Verdict => {
      if (Exit.isSuccess(exit)) return exit.value
      return interruptedFor.get(jobId) === "lock-lost" ? Verdict.Abandon() : Verdict.GiveBack()
    }

    const ended = (verdict: Verdict) =>
      Effect.suspend(() => {
        running--
        if (verdict._tag !== "GiveBack" && verdict._tag !== "Abandon") finished++
        return running === 0 ? idle.open : Effect.void
      })

    const perform = Effect.fnUntraced(function*(job: Job, token: string) {
      // A fetch may land after closing began.
      if (stopping) return yield* acknowledge(job, token, Verdict.GiveBack())
      const attempt = toJobAttempt(queue, job)
      running++
      yield* idle.close
      const fiber = yield* FiberMap.run(fibers, attempt.jobId, guarded(attempt))
      const verdict = verdictOf(attempt.jobId, yield* Fiber.await(fiber))
      interruptedFor.delete(attempt.jobId)
      return yield* acknowledge(job, token, verdict).pipe(Effect.ensuring(ended(verdict)))
    })

    const runPromise = Effect.runPromiseWith(context)
    const runFork = Effect.runForkWith(context)
    const worker = yield* backend.openWorker(queue, concurrency, (job, token) => runPromise(perform(job, token)))
    worker.onLockLost((jobIds) => {
      for (const jobId of jobIds) {
        interruptedFor.set(jobId, "lock-lost")
        runFork(FiberMap.remove(fibers, jobId))
      }
    })
    yield* worker.start

    return {
      stopTaking: Effect.suspend(() => {
        stopping = true
        return Effect.asVoid(Effect.forkDetach(worker.close))
      }),
      idle: idle.await,
      finished: Effect.sync(() => finished),
      handBack: Effect.gen(function*() {
        const jobIds = Array.from(fibers, ([jobId]) => jobId)
        for (const jobId of jobIds) interruptedFor.set(jobId, "hand-back")
        yield* FiberMap.clear(fibers)
        yield* idle.await.pipe(Effect.timeoutOption(handBackLimit))
        return jobIds.length
      })
    }
  })

/** `JobConsumer` on BullMQ, whichever backend. */
export const BullmqConsumer: Layer.Layer<JobConsumer, never, QueueBackend> = Layer.effect(
  JobConsumer,
  Effect.map(QueueBackend, (backend) =>
    JobConsumer.of({
      subscribe: (options) => subscribe(options).pipe(Effect.provideService(QueueBackend, backend))
    }))
)
