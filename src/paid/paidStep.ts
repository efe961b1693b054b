import { Clock, Data, Duration, Effect, Exit, Metric, Option, Schedule, Schema } from "effect"
import { costOf, type Price } from "../domain/prices.ts"
import type { ProviderEngine, ProviderUsage } from "../domain/ProviderEngine.ts"
import { attributes } from "../observability/attributes.ts"
import { labelled, metrics } from "../observability/metrics.ts"
import { OutsideCalls } from "../observability/OutsideCalls.ts"
import { Breaker, type BreakerOpen, type BreakerPolicy } from "../services/Breaker.ts"
import { type LimitPolicy, type LimitReached, Limits, pauseAskedFor } from "../services/Limits.ts"
import { PaidCalls, PaidCallsError, PaidCallsReason, type PaidStepKey } from "../services/PaidCalls.ts"
import { makeWitness, type ProviderError } from "./breakerWitness.ts"
import { InvoiceAtWork } from "./InvoiceAtWork.ts"

/** What one provider may be asked, over all replicas, and what it takes. */
export interface PaidPolicy {
  readonly price: Price
  /** Calls a minute, and at once. Fewer when the provider asks for it. */
  readonly ratePerMinute: number
  readonly concurrency: number
  /** For one tenant and month (UTC), all providers together, in millionths of a US dollar; null for none. */
  readonly monthlyLimit: number | null
}

export interface PaidStep<A, E extends ProviderError> {
  /** "recognition", "extraction", "repair"; with the pages where a step takes several calls. */
  readonly step: string
  readonly engine: ProviderEngine
  /** What else went into the question. */
  readonly input: string
  readonly canBeAskedAgain: boolean
  /** Reserved before the call: no call uses more. */
  readonly mostUsed: ProviderUsage
  readonly codec: Schema.Codec<A, string>
  /** Whether the answer is worth keeping for every invoice with this file. */
  readonly isGood: (answer: A) => boolean
  readonly call: Effect.Effect<{ readonly answer: A; readonly usage: ProviderUsage }, E>
}

/** The tenant's `processing` setting keeps its documents from this provider. */
export class KeptAway extends Data.TaggedError("KeptAway")<{ readonly processing: "eu-only" | "offline" }> {}

/** A place that comes free within this time is waited for; later, the job is put off. */
const patience = Duration.seconds(3)

/** Sustained failure: five in a row, over all replicas. One breaker for all tenants, and one for each: see `makeWitness`. */
const breakerPolicy: BreakerPolicy = { opens: { afterFailures: 5 }, openFor: Duration.seconds(15), openForAtMost: Duration.minutes(5) }

/** An answer that was paid for is worth some seconds of waiting for the database, though its job may be stopping. */
const bookAgain = { schedule: Schedule.spaced(Duration.seconds(1)), times: 4, while: ({ reason }: PaidCallsError) => reason._tag === "Unavailable" }
const keepingLimit = Duration.seconds(8)
/** Somebody may wait for the process to end: whoever comes next finds out what became of the call. */
const closingLimit = Duration.seconds(3)
const tooSlow = () => Effect.fail(new PaidCallsError({ reason: PaidCallsReason.Unavailable(), detail: "the database did not answer in time" }))

const isProviderError = (error: unknown): error is ProviderError =>
  typeof error === "object" && error !== null && "_tag" in error && (error._tag === "VisionError" || error._tag === "ExtractorError")

const misfit = (detail: string, cause: unknown) => new PaidCallsError({ reason: PaidCallsReason.Misfit(), detail, cause })

const pageCount = labelled(metrics.providerPages)
const tokenCount = labelled(metrics.providerTokens)
const costCount = labelled(metrics.providerCost)

/** The call, on the metrics of its provider. */
const counted = <A, E extends ProviderError>({ call, engine: { provider } }: PaidStep<A, E>, { price }: PaidPolicy) =>
  Effect.flatMap(OutsideCalls, ({ watched }) => watched(provider)(call)).pipe(
    Effect.tap(({ usage }) =>
      Effect.all([
        Metric.update(pageCount({ provider }), usage.pages),
        Metric.update(tokenCount({ provider, direction: "in" }), usage.inputTokens),
        Metric.update(tokenCount({ provider, direction: "out" }), usage.outputTokens),
        Metric.update(costCount({ provider }), costOf(usage, price))
      ])
    )
  )

/** For files read by hand no tenant's breaker is at stake. */
const nobody = ""

/**
 * Takes a step that costs money: a kept answer first; else, within the provider's limits and its breaker, one call that
 * is booked before it is made and whose answer is kept before anything else happens. Interrupted, the call counts as
 * possibly billed.
 */
export const makePaidSteps = Effect.gen(function*() {
  const calls = yield* PaidCalls
  const { withLimits } = yield* Limits
  const { withBreaker } = yield* Breaker
  const witness = makeWitness()

  const booked = <A, E extends ProviderError>(step: PaidStep<A, E>, policy: PaidPolicy, key: PaidStepKey) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const opening = yield* restore(calls.begin({ ...key, reserve: costOf(step.mostUsed, policy.price), monthlyLimit: policy.monthlyLimit }))
        switch (opening._tag) {
          case "Known":
            return yield* decoded(step, opening.answer)
          case "Busy":
            return yield* new PaidCallsError({ reason: PaidCallsReason.Busy({ after: opening.after }), detail: `another job is at ${step.step} of the same file` })
          case "OverLimit":
            return yield* new PaidCallsError({ reason: PaidCallsReason.MonthlyLimit({ until: opening.until }), detail: "the tenant's monthly limit leaves no room for the call" })
          case "KeptAway":
            return yield* new KeptAway(opening)
          case "Begun": {
            const { callId } = opening
            const exit = yield* Effect.exit(restore(counted(step, policy)))
            if (Exit.isFailure(exit)) {
              const error = Option.getOrNull(Exit.findErrorOption(exit))
              const end = { code: error?.code ?? "interrupted", mayBeBilled: error === null || error.mayHaveRun === true }
              yield* calls.failed(key, callId, end).pipe(
                Effect.timeoutOrElse({ duration: closingLimit, orElse: tooSlow }),
                Effect.catch((problem) => Effect.logWarning(`the end of a paid call could not be booked; it counts as billed: ${problem.message}`))
              )
              return yield* Effect.failCause(exit.cause)
            }
            const { answer, usage } = exit.value
            const text = yield* Schema.encodeEffect(step.codec)(answer).pipe(Effect.mapError((cause) => misfit("an answer cannot be written", cause)))
            yield* calls.answered(key, callId, { answer: text, isGood: step.isGood(answer), usage, cost: costOf(usage, policy.price) }).pipe(
              Effect.retry(bookAgain),
              Effect.timeoutOrElse({ duration: keepingLimit, orElse: tooSlow })
            )
            return answer
          }
        }
      })
    )

  const unbooked = <A, E extends ProviderError>(step: PaidStep<A, E>, policy: PaidPolicy) => Effect.map(counted(step, policy), ({ answer }) => answer)

  const decoded = <A, E extends ProviderError>(step: PaidStep<A, E>, answer: string) =>
    Schema.decodeUnknownEffect(step.codec)(answer).pipe(
      Effect.mapError((cause) => misfit(`a kept answer of ${step.step} cannot be read`, cause)),
      Effect.tap(() => Effect.annotateCurrentSpan(attributes.answerKept, true))
    )

  return <A, E extends ProviderError>(
    step: PaidStep<A, E>,
    policy: PaidPolicy
  ): Effect.Effect<A, E | KeptAway | LimitReached | BreakerOpen | PaidCallsError> =>
    Effect.gen(function*() {
      const at = yield* InvoiceAtWork
      const key: PaidStepKey | null = at === null ? null : { ...at, step: step.step, engine: step.engine, input: step.input, canBeAskedAgain: step.canBeAskedAgain }
      const seen = key === null ? null : yield* calls.look(key)
      if (seen?._tag === "Known") return yield* decoded(step, seen.answer)
      if (seen?._tag === "KeptAway") return yield* new KeptAway(seen)
      const provider = `provider:${step.engine.provider}`
      const now = yield* Clock.currentTimeMillis
      const tenantId = at?.claim.tenantId ?? nobody
      const tellsOf = (error: ProviderError) => witness({ provider, tenantId, sha256: at?.sha256 ?? "" }, now, error)
      type Failed = E | KeptAway | PaidCallsError
      const shared: BreakerPolicy<Failed | BreakerOpen> = { ...breakerPolicy, counts: (error) => isProviderError(error) ? tellsOf(error).shared : "nothing" }
      const own: BreakerPolicy<Failed> = { ...breakerPolicy, counts: (error) => isProviderError(error) ? tellsOf(error).own : "nothing" }
      const limits: LimitPolicy<Failed | BreakerOpen> = {
        rate: { limit: policy.ratePerMinute, window: Duration.minutes(1) },
        concurrency: policy.concurrency,
        adaptive: (error) => isProviderError(error) ? pauseAskedFor(error) : Option.none(),
        maxWait: patience
      }
      const asked: Effect.Effect<A, Failed> = key === null ? unbooked(step, policy) : booked(step, policy, key)
      const watched = key === null ? asked : withBreaker(`provider-of:${tenantId}:${step.engine.provider}`, own, asked)
      return yield* withLimits(provider, limits, withBreaker(provider, shared, watched))
    }).pipe(Effect.withSpan(`PaidStep.${step.step.replace(/:.*/, "")}`, {
      attributes: { [attributes.providerName]: step.engine.provider, [attributes.providerModel]: step.engine.model, [attributes.providerRegion]: step.engine.region }
    }))
})
