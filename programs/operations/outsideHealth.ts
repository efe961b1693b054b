import { Clock, Duration, Effect } from "effect"
import type { OutsideService, ProcessStatus } from "../../src/domain/ProcessStatus.ts"
import { endpointKey } from "../../src/domain/webhookHealth.ts"
import { Breaker, BreakerState } from "../../src/services/Breaker.ts"
import { type EndpointTrouble, OutsideTroubles } from "../../src/services/OutsideTroubles.ts"

const mostShown = 50
const mostCircuits = 20

/** Of a circuit breaker; null where there is none. Times in milliseconds since the epoch. */
export interface Circuit {
  readonly circuit: "closed" | "open" | "half-open" | "unknown" | null
  /** Until one call finds out whether the other side is back. */
  readonly circuitUntil: number | null
}

/** How a service outside does, over all processes. */
export type ServiceHealth = OutsideService & Circuit

const latest = (a: number | null, b: number | null): number | null => a === null ? b : b === null ? a : Math.max(a, b)

/** What several processes know of one service: calls add up, of the rest the latest counts. */
const merged = (one: OutsideService, other: OutsideService): OutsideService => ({
  name: one.name,
  running: one.running + other.running,
  answeredAt: latest(one.answeredAt, other.answeredAt),
  failedAt: latest(one.failedAt, other.failedAt),
  failure: (one.failedAt ?? 0) >= (other.failedAt ?? 0) ? one.failure : other.failure,
  limitedUntil: latest(one.limitedUntil, other.limitedUntil),
  limit: (one.limitedUntil ?? 0) >= (other.limitedUntil ?? 0) ? one.limit : other.limit
})

const servicesOf = (statuses: ReadonlyArray<ProcessStatus>): ReadonlyArray<OutsideService> => {
  const byName = new Map<string, OutsideService>()
  for (const service of statuses.flatMap(({ outside }) => outside)) {
    const before = byName.get(service.name)
    byName.set(service.name, before === undefined ? service : merged(before, service))
  }
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name))
}

const circuitOf = (now: number) =>
  BreakerState.$match({
    Closed: (): Circuit => ({ circuit: "closed", circuitUntil: null }),
    Open: ({ after }): Circuit => ({ circuit: "open", circuitUntil: now + Duration.toMillis(after) }),
    HalfOpen: (): Circuit => ({ circuit: "half-open", circuitUntil: null }),
    Unknown: (): Circuit => ({ circuit: "unknown", circuitUntil: null })
  })

/** How the providers and the storage do, as all processes have met them. The circuits are asked: another process may have closed one. */
export const serviceHealth = Effect.fnUntraced(function*(statuses: ReadonlyArray<ProcessStatus>, now: number) {
  const breaker = yield* Breaker
  return yield* Effect.forEach(servicesOf(statuses), (service): Effect.Effect<ServiceHealth> =>
    service.name === "storage"
      ? Effect.succeed({ ...service, circuit: null, circuitUntil: null })
      : Effect.map(breaker.state(`provider:${service.name}`), (circuit) => ({ ...service, ...circuitOf(now)(circuit) })))
})

/** With its circuit, as far as they are shown first: each is a question to where the breakers are kept. */
const withCircuits = (endpoints: ReadonlyArray<EndpointTrouble>) =>
  Effect.gen(function*() {
    const breaker = yield* Breaker
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.forEach(endpoints, (endpoint, index): Effect.Effect<EndpointTrouble & Circuit> =>
      index >= mostCircuits || endpoint.state === "disabled"
        ? Effect.succeed({ ...endpoint, circuit: null, circuitUntil: null })
        : Effect.map(breaker.state(endpointKey(endpoint)), (circuit) => ({ ...endpoint, ...circuitOf(now)(circuit) })), { concurrency: 5 })
  })

/** Tenants' webhooks and mailboxes that do not work. Where the tables cannot say, the rest is shown all the same. */
export const troublesOutside = Effect.gen(function*() {
  const troubles = yield* OutsideTroubles
  const orNone = <A>(list: Effect.Effect<ReadonlyArray<A>, { readonly message: string }>) =>
    list.pipe(Effect.tapError(({ message }) => Effect.logDebug(message)), Effect.orElseSucceed((): ReadonlyArray<A> => []))
  return { endpoints: yield* withCircuits(yield* orNone(troubles.endpoints(mostShown))), mailboxes: yield* orNone(troubles.mailboxes(mostShown)) }
})
