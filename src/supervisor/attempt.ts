import { Cause, Clock, DateTime, Duration, Effect, Exit, Option, Predicate, Random, Schema } from "effect"
import { describeSchemaError } from "../domain/describeSchemaError.ts"
import type { Failure } from "../domain/Failure.ts"
import { Verdict } from "../domain/Verdict.ts"
import { attributes } from "../observability/attributes.ts"
import { CurrentTenant } from "../services/CurrentTenant.ts"
import type { JobAttempt } from "../services/JobQueue.ts"
import { placeInTrace, withTrace } from "./attemptTrace.ts"
import { measureAttempt } from "./measureAttempt.ts"
import { InternalError, JobCondemned, JobDataInvalid, TimeLimitExceeded } from "./failures.ts"
import { noteTrouble } from "./noteTrouble.ts"
import type { FailureRecord, Program } from "./Program.ts"
import { withTimeBudget } from "./timeBudget.ts"
import { AttemptEnd, decideVerdict } from "./verdict.ts"

/** For opening and for each way of closing: a row or two in PostgreSQL. */
const stepLimit = Duration.seconds(15)
/** Letting go happens while somebody waits for the process to end. */
const releaseLimit = Duration.seconds(3)
/** When the last word on a row cannot be written, the job comes back this soon to try again. */
const closingPause = Duration.seconds(5)
/** The same where somebody has to mend the database first. */
const misfitPause = Duration.minutes(1)

/** Defects become a failure like any other, with their cause in the log and nowhere else. */
const toFailure = <E extends Failure>(cause: Cause.Cause<E>): Effect.Effect<Failure> =>
  Option.match(Cause.findErrorOption(cause), {
    onSome: (error) => Effect.succeed<Failure>(error),
    onNone: () => {
      const defect = Cause.squash(cause)
      return Effect.logError("a program broke", cause).pipe(
        Effect.as<Failure>(new InternalError({ defect: defect instanceof Error ? defect.name : "defect" }))
      )
    }
  })

/** Tells it in one line, and how soon the last word is tried again: what will not pass by itself need not be tried often. */
const unrecorded = (cause: Cause.Cause<unknown>): Effect.Effect<Duration.Duration> => {
  const failure = Option.getOrNull(Cause.findErrorOption(cause))
  if (!isFailure(failure)) return Effect.as(Effect.logWarning("the outcome could not be recorded", cause), closingPause)
  return Effect.as(
    Effect.logWarning(`the outcome could not be recorded: ${failure.message}`),
    failure.retry._tag === "Permanent" ? misfitPause : closingPause
  )
}

const isFailure = (error: unknown): error is Failure => Predicate.isObject(error) && "retry" in error && "plainWords" in error

const recordOf = (failure: Failure): FailureRecord => ({ code: failure.code, plainWords: failure.plainWords })

const withLimit = (limit: Duration.Duration) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, { duration: limit, orElse: () => Effect.fail(new TimeLimitExceeded({ limit })) })

/**
 * Carries one attempt of a job from its data to a verdict: decode, span, time limit, the program's steps, and the
 * record of a failure. Never fails. When it is interrupted, what the program held is let go first; whose fault the
 * interruption was, and so the verdict, is the consumer's to say.
 */
export const runAttempt = <JobData, Held, E extends Failure, R>(program: Program<JobData, Held, E, R>) => {
  const decode = Schema.decodeUnknownExit(program.schema, { errors: "all" })

  /** Writes down how it ended. A row is never left in `processing` by an acknowledged job: the last word is tried again. */
  const recorded = <E2, R2>(verdict: Verdict, writing: Effect.Effect<unknown, E2, R2>, judge: (end: AttemptEnd) => Effect.Effect<Verdict>) =>
    writing.pipe(
      Effect.as(verdict),
      withLimit(stepLimit),
      Effect.catchCause((cause) =>
        Effect.flatMap(unrecorded(cause), (after) =>
          verdict._tag === "Fail" ? judge(AttemptEnd.Waiting({ after, reason: verdict.reason })) : Effect.succeed(verdict))
      )
    )

  const closing = (held: Held, failure: Failure, verdict: Verdict) => {
    const record = recordOf(failure)
    return Verdict.$match(verdict, {
      Retry: ({ after }) => noteNext(held, record, after),
      Postpone: ({ after }) => noteNext(held, record, after),
      Fail: () => program.giveUp(held, record),
      Complete: () => Effect.void,
      GiveBack: () => Effect.void,
      Abandon: () => Effect.void
    })
  }

  const noteNext = (held: Held, record: FailureRecord, after: Duration.Duration) =>
    DateTime.now.pipe(Effect.flatMap((now) => program.noteRetry(held, record, DateTime.addDuration(now, after))))

  const run = (attempt: JobAttempt, data: JobData) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const judge = Effect.fnUntraced(function*(end: AttemptEnd) {
          if (end._tag === "Failed") yield* Effect.annotateCurrentSpan(attributes.errorCode, end.failure.code)
          const age = Duration.millis(Math.max(0, (yield* Clock.currentTimeMillis) - attempt.addedAt))
          const verdict = decideVerdict(end, { attempt, age, maxAge: program.maxAge, random: yield* Random.next })
          // What only waits for its turn is no trouble.
          if (end._tag === "Failed" && verdict._tag === "Postpone") yield* noteTrouble(attempt, verdict)
          return verdict
        })

        // Goes on when it is the program that interrupted itself: that is a fault like any other, and uses up an attempt.
        const stopIfInterrupted = restore(Effect.void)

        /** No attempt may follow: the row is closed with the reason, where there is one. */
        const refused = Effect.fnUntraced(function*(failure: Failure) {
          const verdict = yield* judge(AttemptEnd.Failed({ failure }))
          return verdict._tag === "Fail" && program.refuse !== undefined
            ? yield* recorded(verdict, program.refuse(data, attempt, failure), judge)
            : verdict
        })
        if (attempt.condemned !== null) return yield* refused(new JobCondemned({ reason: attempt.condemned }))

        const opened = yield* restore(program.open(data, attempt).pipe(withLimit(stepLimit))).pipe(Effect.exit)
        if (Exit.isFailure(opened)) {
          yield* stopIfInterrupted
          return yield* refused(yield* toFailure(opened.cause))
        }
        const opening = opened.value
        if (opening._tag === "Skip") return yield* judge(AttemptEnd.Skipped({ reason: opening.reason }))
        if (opening._tag === "Wait") return yield* judge(AttemptEnd.Waiting({ after: opening.after, reason: opening.reason }))

        const held = opening.held
        const worked = yield* restore(program.work(held).pipe(withLimit(program.timeLimit), withTimeBudget(program.timeLimit))).pipe(Effect.exit)
        if (Exit.isSuccess(worked)) return yield* judge(AttemptEnd.Succeeded({ summary: worked.value }))
        yield* stopIfInterrupted.pipe(Effect.onInterrupt(() => program.release(held).pipe(Effect.timeout(releaseLimit), Effect.ignore)))
        const failure = yield* toFailure(worked.cause)
        const verdict = yield* judge(AttemptEnd.Failed({ failure }))
        return yield* recorded(verdict, closing(held, failure, verdict), judge)
      })
    )

  /** Data that cannot be read leave nothing to close. */
  const unreadable = (attempt: JobAttempt, cause: Cause.Cause<Schema.SchemaError>): Effect.Effect<Verdict> => {
    if (isEmptyTick(attempt)) {
      return Effect.succeed(Verdict.Complete({ summary: { skipped: true, reason: "tick-without-data: a repeatable job of an older BullMQ has lost its data; see migrate-queues" } }))
    }
    const problems = Option.match(Cause.findErrorOption(cause), { onNone: () => "its schema broke", onSome: describeSchemaError })
    const failure = new JobDataInvalid({ queue: attempt.queue, problems })
    return Effect.as(Effect.annotateCurrentSpan(attributes.errorCode, failure.code), Verdict.Fail({ reason: `${failure.code}: ${failure.message}` }))
  }

  return (attempt: JobAttempt): Effect.Effect<Verdict, never, R> => {
    const data = decode(attempt.data)
    const ids: Readonly<Record<string, string>> = Exit.isSuccess(data) ? program.identify(data.value) : {}
    const carriedOut: Effect.Effect<Verdict, never, R> = Exit.isSuccess(data)
      ? Effect.provideService(run(attempt, data.value), CurrentTenant, ids[attributes.tenantId] ?? null)
      : unreadable(attempt, data.cause)
    return carriedOut.pipe(
      Effect.tap((verdict) => tellOutcome(attempt, verdict)),
      Effect.tap((verdict) => verdict._tag === "Retry" || verdict._tag === "Fail" ? noteTrouble(attempt, verdict) : Effect.void),
      Effect.flatMap(withTrace),
      measureAttempt(attempt),
      Effect.annotateLogs({ queue: attempt.queue, jobId: attempt.jobId, attempt: attempt.number, ...ids }),
      Effect.withSpan(`process ${attempt.queue}`, {
        kind: "consumer",
        ...placeInTrace(attempt),
        attributes: {
          ...ids,
          [attributes.messagingSystem]: "bullmq",
          [attributes.messagingOperationType]: "process",
          [attributes.messagingOperationName]: "process",
          [attributes.messagingDestination]: attempt.queue,
          [attributes.messagingMessageId]: attempt.jobId,
          [attributes.attempt]: attempt.number,
          [attributes.maxAttempts]: attempt.maxAttempts
        }
        // Where it begins would be this place each time.
      }, { captureStackTrace: false })
    )
  }
}

/** BullMQ 6 goes on with the repeatable jobs of older versions, but without their data: failing each time helps nobody. */
const isEmptyTick = ({ data, jobId }: JobAttempt): boolean =>
  jobId.startsWith("repeat:") && (data === null || data === undefined || (typeof data === "object" && Object.keys(data).length === 0))

/** On the span, and one line in the log. */
const tellOutcome = (attempt: JobAttempt, verdict: Verdict): Effect.Effect<void> =>
  Effect.annotateCurrentSpan(attributes.verdict, verdict._tag).pipe(Effect.andThen(logOutcome(attempt, verdict)))

const logOutcome = (attempt: JobAttempt, verdict: Verdict): Effect.Effect<void> => {
  const job = `${attempt.queue} job ${attempt.jobId}`
  return Verdict.$match(verdict, {
    Complete: ({ summary }) => Effect.annotateLogs(Effect.logInfo(`${job} completed`), summary),
    Retry: ({ after, reason }) => Effect.logWarning(`${job} failed, next attempt in ${Duration.format(after)}: ${reason}`),
    Postpone: ({ after, reason }) => Effect.logInfo(`${job} put off for ${Duration.format(after)}: ${reason}`),
    Fail: ({ reason }) => Effect.logWarning(`${job} failed for good: ${reason}`),
    GiveBack: () => Effect.logInfo(`${job} given back`),
    Abandon: () => Effect.logWarning(`${job} abandoned: its lock was lost`)
  })
}
