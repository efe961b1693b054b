import { Duration, Effect } from "effect"
import type { OutsideService, ProcessStatus } from "../../src/domain/ProcessStatus.ts"
import { Breaker, BreakerState } from "../../src/services/Breaker.ts"
import { OutsideTroubles } from "../../src/services/OutsideTroubles.ts"

const mostShown = 50

/** How a service outside does, over all processes. Times in milliseconds since the epoch. */
export interface ServiceHealth extends OutsideService {
  /** Of its circuit breaker; null for the storage, which has none. */
  readonly circuit: "closed" | "open" | "half-open" | "unknown" | null
  /** Until one call finds out whether it is back. */
  readonly circuitUntil: number | null
}

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
    Closed: () => ({ circuit: "closed" as const, circuitUntil: null }),
    Open: ({ after }) => ({ circuit: "open" as const, circuitUntil: now + Duration.toMillis(after) }),
    HalfOpen: () => ({ circuit: "half-open" as const, circuitUntil: null }),
    Unknown: () => ({ circuit: "unknown" as const, circuitUntil: null })
  })

/** How the providers and the storage do, as all processes have met them. The circuits are asked: another process may have closed one. */
export const serviceHealth = Effect.fnUntraced(function*(statuses: ReadonlyArray<ProcessStatus>, now: number) {
  const breaker = yield* Breaker
  return yield* Effect.forEach(servicesOf(statuses), (service): Effect.Effect<ServiceHealth> =>
    service.name === "storage"
      ? Effect.succeed({ ...service, circuit: null, circuitUntil: null })
      : Effect.map(breaker.state(`provider:${service.name}`), (circuit) => ({ ...service, ...circuitOf(now)(circuit) })))
})

/** Tenants' webhooks and mailboxes that do not work. Where the tables cannot say, the rest is shown all the same. */
export const troublesOutside = Effect.gen(function*() {
  const troubles = yield* OutsideTroubles
  const orNone = <A>(list: Effect.Effect<ReadonlyArray<A>, { readonly message: string }>) =>
    list.pipe(Effect.tapError(({ message }) => Effect.logDebug(message)), Effect.orElseSucceed((): ReadonlyArray<A> => []))
  return { endpoints: yield* orNone(troubles.endpoints(mostShown)), mailboxes: yield* orNone(troubles.mailboxes(mostShown)) }
})
