import { Duration } from "effect"

/** How an endpoint has been doing since it began to fail. Replays and manual retries are not counted. */
export interface EndpointHealth {
  readonly failingFor: Duration.Duration
  readonly failures: number
  readonly successes: number
  /** Successes since the last failure. */
  readonly successStreak: number
  readonly warned: boolean
}

export type HealthStep = "none" | "recovered" | "warn" | "disable"

/** An endpoint that fails for so long is switched off; people are told before. */
export const disableAfter = Duration.days(5)
export const warnAfter = Duration.days(3)

/** One event that failed all its attempts is no failing endpoint, however long ago it was. */
const failuresNeeded = 10
/** One lucky answer among many failures is no recovery: it takes a share of all, or some in a row. */
const recoveredShare = 0.1
const recoveredStreak = 3

/** What follows from the last attempt. Time and rate decide, not a count alone. */
export const nextHealthStep = (health: EndpointHealth): HealthStep => {
  const { failingFor, failures, successStreak, successes, warned } = health
  if (successStreak > 0) {
    return successStreak >= recoveredStreak || successes / (successes + failures) > recoveredShare ? "recovered" : "none"
  }
  if (failures < failuresNeeded) return "none"
  if (Duration.isGreaterThanOrEqualTo(failingFor, disableAfter)) return "disable"
  return !warned && Duration.isGreaterThanOrEqualTo(failingFor, warnAfter) ? "warn" : "none"
}

/** By which an endpoint's limits and circuit breaker are kept, over all processes. */
export const endpointKey = ({ tenantId, webhookId }: { readonly tenantId: string; readonly webhookId: string }): string => `webhook:${tenantId}:${webhookId}`
