import { Clock, DateTime, Duration, Effect } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { Operator } from "../../src/domain/Operator.ts"
import { ProcessStatuses } from "../../src/services/ProcessStatuses.ts"
import { TraceUrl } from "../../src/services/TraceUrl.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import { type QueueStatistic, QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { serviceHealth, troublesOutside } from "./outsideHealth.ts"

const historyShown = 15

/** Where a queue's server does not answer, the rest is shown all the same. */
const statistics = Effect.gen(function*() {
  const queues = yield* QueueStatistics
  const all = yield* Effect.forEach(Object.values(QUEUE_NAMES), (queue) => queues.of(queue).pipe(Effect.tapError(({ message }) => Effect.logDebug(message)), Effect.option), { concurrency: "unbounded" })
  return all.flatMap((statistic): ReadonlyArray<QueueStatistic> => statistic._tag === "Some" ? [statistic.value] : [])
})

/** Tables of the tenants' own: looked at less often than what changes each second. */
const troublesEvery = Duration.seconds(5)

/** What all see, whoever looks. */
const makeShared = Effect.map(Effect.cachedWithTTL(troublesOutside, troublesEvery), (troubles) => Effect.gen(function*() {
  const statuses = yield* ProcessStatuses
  const controls = yield* QueueControls
  const { concurrency, drainingQueues, pausedQueues, pausedTenants } = yield* controls.read
  const now = yield* Clock.currentTimeMillis
  const processes = yield* statuses.all
  return {
    now,
    processes,
    traceUrl: yield* TraceUrl,
    outside: {
      services: yield* serviceHealth(processes.flatMap(({ status }) => status === null ? [] : [status]), now),
      ...(yield* troubles)
    },
    queues: yield* statistics,
    controls: {
      paused: [...pausedQueues],
      draining: [...drainingQueues],
      concurrency: Object.fromEntries(concurrency),
      tenants: [...pausedTenants].flatMap(([queue, tenants]) => [...tenants].map((tenantId) => ({ queue, tenantId })))
    },
    history: (yield* controls.history(historyShown)).map(({ at, ...record }) => ({ ...record, at: DateTime.toEpochMillis(at) }))
  }
}))

/** Everybody who looks within this time is shown the same: their number costs the database nothing. */
const lookAgain = Duration.millis(500)

/** All that the console shows at one moment, for whoever asks. */
export const makeConsoleState = Effect.map(
  Effect.flatMap(makeShared, (shared) => Effect.cachedWithTTL(shared, lookAgain)),
  (state) => (operator: Operator) => Effect.map(state, (all) => ({ ...all, me: operator }))
)
