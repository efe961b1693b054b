import { Clock, Context, Effect, Exit, Metric, Option } from "effect"
import type { OutsideService } from "../domain/ProcessStatus.ts"
import type { Retry } from "../domain/Retry.ts"
import { labelled, metrics } from "./metrics.ts"

/** What a failed call says about the service: `detail` and `code` are for operators, without secrets. */
export interface OutsideFailure {
  readonly code: string
  readonly detail: string
  readonly retry: Retry
}

/** A file that is not there, or a picture that cannot be read, is an answer: only what keeps others from working counts. */
const isTrouble = ({ code, retry }: OutsideFailure): boolean => retry._tag !== "Permanent" || code.endsWith("-denied")

const callCount = labelled(metrics.providerCalls)

/** How the services outside have answered this process: providers and the storage. Kept for people who look, and nothing else reads it. */
export interface OutsideCallsRecord {
  /** It is used here, though it may not have been asked yet. */
  readonly uses: (name: string) => Effect.Effect<void>
  /** Nothing is asked of it before then, for this reason of a limit. */
  readonly limited: (name: string, reason: string, until: number) => Effect.Effect<void>
  /** A call to it, counted by how it ended. */
  readonly watched: (name: string) => <A, E extends OutsideFailure, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** By name. */
  readonly all: Effect.Effect<ReadonlyArray<OutsideService>>
}

const makeRecord = (): OutsideCallsRecord => {
  const services = new Map<string, OutsideService>()
  const unknown = (name: string): OutsideService => ({ name, running: 0, answeredAt: null, failedAt: null, failure: null, limitedUntil: null, limit: null })
  const change = (name: string, by: (before: OutsideService) => Partial<OutsideService>) =>
    Effect.sync(() => {
      const before = services.get(name) ?? unknown(name)
      services.set(name, { ...before, ...by(before) })
    })
  return {
    uses: (name) => change(name, () => ({})),
    limited: (name, limit, limitedUntil) => change(name, () => ({ limit, limitedUntil })),
    watched: (name) => (call) =>
      Effect.onExit(Effect.andThen(change(name, ({ running }) => ({ running: running + 1 })), call), Effect.fnUntraced(function*(exit) {
        const error = Exit.isFailure(exit) ? Option.getOrNull(Exit.findErrorOption(exit)) : null
        yield* Metric.update(callCount({ provider: name, outcome: Exit.isSuccess(exit) ? "answered" : error?.code ?? "interrupted" }), 1)
        const at = yield* Clock.currentTimeMillis
        yield* change(name, ({ running }) => ({
          running: running - 1,
          ...(Exit.isSuccess(exit) || error !== null && !isTrouble(error) ? { answeredAt: at } : error === null ? {} : { failedAt: at, failure: `${error.code}: ${error.detail}` })
        }))
      })),
    all: Effect.sync(() => [...services.values()].sort((a, b) => a.name.localeCompare(b.name)))
  }
}

/** As metrics are, one for the process unless somebody brings another. */
export const OutsideCalls = Context.Reference<OutsideCallsRecord>("tt-worker/observability/OutsideCalls", { defaultValue: makeRecord })
