import { type Job, Queue } from "bullmq"
import { Clock, Duration, Effect, Layer, Option, Schema } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import { revealedJobData, shownJobData, shownText } from "../../src/domain/shownJobData.ts"
import { type InspectedJob, JobInspector, type RetryAnswer } from "../../src/services/JobInspector.ts"
import { JobProducerError } from "../../src/services/JobProducer.ts"
import { isLockLost } from "./acknowledge.ts"
import { OpenQueues } from "./OpenQueues.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import { traceIdOf } from "./traceMetadata.ts"

const answerLimit = Duration.seconds(10)
/** Jobs put back in line between two looks at the failed list. */
const page = 100
const atOnce = 10
/** Jobs whose data is asked for at once. */
const shownPage = 1_000

type AnyJob = Pick<Job<unknown>, "id" | "name" | "data" | "attemptsMade" | "timestamp" | "finishedOn" | "failedReason" | "stacktrace" | "returnvalue" | "opts">

/** Of another worker's jobs, whose results may be anything, nothing is shown. */
const decodeSummary = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.NullOr(Schema.Union([Schema.String.check(Schema.isMaxLength(300)), Schema.Finite, Schema.Boolean]))))

const toInspected = (job: AnyJob, state: string, reveal = false): InspectedJob => ({
  id: job.id ?? "",
  name: job.name,
  state,
  data: reveal ? revealedJobData(job.data) : shownJobData(job.data),
  attempts: job.attemptsMade,
  addedAt: job.timestamp,
  finishedAt: job.finishedOn ?? null,
  reason: job.failedReason === undefined || job.failedReason === null || job.failedReason === "" ? null : shownText(job.failedReason),
  traceId: traceIdOf(job),
  result: state === "completed" ? Option.getOrNull(decodeSummary(job.returnvalue)) : null
})

/** `JobInspector` on BullMQ's own lists. */
export const BullmqJobInspector: Layer.Layer<JobInspector, never, QueueBackend> = Layer.effect(
  JobInspector,
  Effect.gen(function*() {
    const { open } = yield* OpenQueues

    const ask = <A>(queue: QueueName, question: (queue: Queue) => Promise<A>) =>
      Effect.gen(function*() {
        const unavailable = (detail: string, cause?: unknown) => new JobProducerError({ queue, reason: "unavailable", detail, cause })
        const { raw } = yield* open(queue)
        if (!(raw instanceof Queue)) return yield* Effect.die("BullMQ's own queue is no Queue")
        return yield* Effect.tryPromise({ try: () => question(raw), catch: (cause) => unavailable(cause instanceof Error ? cause.message : "unknown error", cause) }).pipe(
          Effect.timeoutOrElse({ duration: answerLimit, orElse: () => Effect.fail(unavailable("its server does not answer")) })
        )
      })

    /** Whether it was put back; not where somebody else was faster. */
    const putBack = async (job: Job): Promise<boolean> => {
      try {
        await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true })
        return true
      } catch (cause) {
        if (isLockLost(cause)) return false
        throw cause
      }
    }

    type Prepare<E, R> = (job: { readonly id: string; readonly data: unknown }) => Effect.Effect<void, E, R>
    const prepared = <E, R>(queue: QueueName, job: Job<unknown>, prepare: Prepare<E, R>) =>
      prepare({ id: job.id ?? "", data: job.data }).pipe(Effect.andThen(ask(queue, () => putBack(job))))

    const retryOne = Effect.fnUntraced(function*<E, R>(queue: QueueName, jobId: string, prepare: Prepare<E, R>): Effect.fn.Return<RetryAnswer, JobProducerError | E, R> {
      const job = yield* ask(queue, (raw) => raw.getJob(jobId))
      if (job === undefined) return { _tag: "NotFound" }
      const state = yield* ask(queue, () => job.getState())
      if (state !== "failed") return { _tag: "NotFailed", state }
      return (yield* prepared(queue, job, prepare)) ? { _tag: "Retried", jobs: 1 } : { _tag: "NotFailed", state: "not failed any more" }
    })

    /** The oldest first, so that those that fail again meanwhile are met last, and left alone. */
    const retryAll = Effect.fnUntraced(function*<E, R>(queue: QueueName, prepare: Prepare<E, R>): Effect.fn.Return<RetryAnswer, JobProducerError | E, R> {
      const now = yield* Clock.currentTimeMillis
      let jobs = 0
      for (;;) {
        const failed = yield* ask(queue, (raw) => raw.getJobs(["failed"], 0, page - 1, true))
        const old = failed.filter(({ finishedOn }) => (finishedOn ?? 0) <= now)
        const back = yield* Effect.forEach(old, (job) => prepared(queue, job, prepare), { concurrency: atOnce })
        const moved = back.filter((done) => done).length
        jobs += moved
        if (moved === 0) return { _tag: "Retried", jobs }
      }
    })

    return JobInspector.of({
      failed: Effect.fn("JobInspector.failed")(function*(queue, most) {
        const jobs = yield* ask(queue, (raw) => raw.getFailed(0, most - 1))
        return jobs.map((job) => toInspected(job, "failed"))
      }),
      unfinished: Effect.fn("JobInspector.unfinished")(function*(queue: QueueName, most: number) {
        const found: Array<unknown> = []
        for (const state of ["waiting", "prioritized", "active", "delayed"] as const) {
          // Page by page: a whole backlog would be one answer.
          for (let from = 0; found.length < most; from += shownPage) {
            const jobs = yield* ask(queue, (raw) => raw.getJobs([state], from, from + shownPage - 1))
            for (const job of jobs) found.push(job?.data)
            if (jobs.length < shownPage) break
          }
        }
        return found.slice(0, most)
      }),
      show: Effect.fn("JobInspector.show")(function*(queue, jobId, options) {
        const job = yield* ask(queue, (raw) => raw.getJob(jobId))
        return job === undefined ? Option.none() : Option.some(toInspected(job, yield* ask(queue, () => job.getState()), options?.reveal))
      }),
      retry: (queue, jobId, prepare) =>
        Effect.withSpan(jobId === null ? retryAll(queue, prepare) : retryOne(queue, jobId, prepare), "JobInspector.retry")
    })
  })
).pipe(Layer.provide(OpenQueues.layer))
