import { Effect, Layer, Schema } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import { type TenantJobCount, TenantErasureError, TenantJobs } from "../../src/services/TenantErasure.ts"
import { QueueBackend, type QueueForUpkeep } from "./QueueBackend.ts"

const OfTenant = Schema.Struct({ tenantId: Schema.String })
const isOfTenant = Schema.is(OfTenant)

/** `TenantJobs` on BullMQ, whichever backend. */
export const BullmqTenantJobs: Layer.Layer<TenantJobs, never, QueueBackend> = Layer.effect(
  TenantJobs,
  Effect.map(QueueBackend, ({ openForUpkeep }) => {
    const failed = (queue: QueueName) => (cause: unknown) =>
      new TenantErasureError({ detail: `queue ${queue}: ${cause instanceof Error ? cause.message : "its server does not answer"}`, cause })
    const ask = <A>(queue: QueueName, question: () => Promise<A>) => Effect.tryPromise({ try: question, catch: failed(queue) })
    const using = <A>(queue: QueueName, use: (opened: QueueForUpkeep) => Effect.Effect<A, TenantErasureError>) =>
      openForUpkeep(queue).pipe(Effect.mapError(failed(queue)), Effect.flatMap(use), Effect.scoped)

    const schedulersOf = (queue: QueueName, { plain }: QueueForUpkeep, tenantId: TenantId) =>
      Effect.map(ask(queue, () => plain.getJobSchedulers()), (all) =>
        all.flatMap(({ key, template }) => {
          const data = template?.data
          return isOfTenant(data) && data.tenantId === tenantId ? [key] : []
        }))

    return TenantJobs.of({
      count: Effect.fn("TenantJobs.count")((queue: QueueName, tenantId: TenantId) =>
        using(queue, (opened) =>
          Effect.gen(function*() {
            const jobs = yield* ask(queue, () => opened.traces.jobsOf(tenantId))
            const running = jobs.filter((job) => job.running).length
            return { jobs: jobs.length - running + (yield* schedulersOf(queue, opened, tenantId)).length, running } satisfies TenantJobCount
          }))
      ),
      erase: Effect.fn("TenantJobs.erase")((queue: QueueName, tenantId: TenantId) =>
        using(queue, (opened) =>
          Effect.gen(function*() {
            const schedulers = yield* schedulersOf(queue, opened, tenantId)
            yield* Effect.forEach(schedulers, (key) => ask(queue, () => opened.plain.removeJobScheduler(key)), { discard: true })
            const jobs = yield* ask(queue, () => opened.traces.jobsOf(tenantId))
            const removed = yield* ask(queue, () => opened.traces.remove(jobs.map(({ id }) => id)))
            yield* ask(queue, () => opened.traces.scrub(tenantId))
            return { jobs: schedulers.length + removed, running: jobs.length - removed } satisfies TenantJobCount
          }))
      )
    })
  })
)
