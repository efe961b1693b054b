import { Duration, Effect, Metric } from "effect"
import { labelled, metrics } from "../../src/observability/metrics.ts"

type State = "Closed" | "HalfOpen" | "Open"

const values: Readonly<Record<State, number>> = { Closed: 0, HalfOpen: 0.5, Open: 1 }
const lookEvery = Duration.seconds(5)
const breakerOpen = labelled(metrics.breakerOpen)

/** Only providers have a series of their own: they are few. Other keys name a tenant or an address. */
const providerOf = (key: string): string | null => key.startsWith("provider:") ? key.slice("provider:".length) : null

export interface BreakerGauge {
  /** The series exists from a provider's first use. */
  readonly begin: (key: string) => Effect.Effect<void>
  readonly note: (key: string, state: State) => Effect.Effect<void>
  /** Looks again, now and then, at what is not closed; null where nobody knows. Never ends. */
  readonly watch: (stateOf: (key: string) => Effect.Effect<State | null>) => Effect.Effect<never>
}

/** Keeps `tt_breaker_open` up to date for the providers that this process uses. */
export const makeBreakerGauge = (): BreakerGauge => {
  const used = new Set<string>()
  const notClosed = new Set<string>()
  const note = (key: string, state: State): Effect.Effect<void> => {
    const provider = providerOf(key)
    if (provider === null) return Effect.void
    if (state === "Closed") notClosed.delete(key)
    else notClosed.add(key)
    return Metric.update(breakerOpen({ provider }), values[state])
  }
  return {
    note,
    begin: (key) => {
      if (used.has(key) || providerOf(key) === null) return Effect.void
      used.add(key)
      return note(key, "Closed")
    },
    watch: (stateOf) =>
      Effect.suspend(() =>
        Effect.forEach([...notClosed], (key) => Effect.flatMap(stateOf(key), (state) => state === null ? Effect.void : note(key, state)), { discard: true })
      ).pipe(Effect.delay(lookEvery), Effect.forever)
  }
}
