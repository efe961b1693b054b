import { Data, Duration, Effect } from "effect"
import { QUEUE_NAMES, type QueueName } from "../contract/index.ts"
import type { TenantId } from "../domain/ids.ts"
import { FileErasure, type RowCount, TenantJobs, TenantRows } from "../services/TenantErasure.ts"

/** Every process reads the pauses within two seconds. */
const pauseTakes = Duration.seconds(3)
/** Running jobs end or run into their time limits; who waits longer starts the command again. */
const lookEvery = Duration.seconds(2)
const looks = 30
const batch = 200
const queues: ReadonlyArray<QueueName> = Object.values(QUEUE_NAMES)

/** Jobs of the tenant still run: nothing was removed beneath them. */
export class StillRunning extends Data.TaggedError("StillRunning")<{ readonly tenantId: string; readonly running: number }> {
  override get message(): string {
    return `${this.running} jobs of tenant ${this.tenantId} are still running; no further one is started. The same command goes on when they have ended`
  }
}

/** What is, or was, kept of a tenant: name and number, those with none left out. */
export type Inventory = ReadonlyArray<RowCount>

const add = (counts: Map<string, number>, table: string, rows: number) => void (rows > 0 && counts.set(table, (counts.get(table) ?? 0) + rows))

/** What is kept of the tenant; changes nothing. */
export const inventoryOf = Effect.fn("Erasure.inventory")(function*(tenantId: TenantId) {
  const [rows, jobs, files] = [yield* TenantRows, yield* TenantJobs, yield* FileErasure]
  const counts = new Map<string, number>()
  add(counts, strays, (yield* rows.strayFiles(tenantId, yield* files.under(tenantId))).length)
  for (const { rows: number, table } of yield* rows.count(tenantId)) add(counts, table, number)
  for (const queue of queues) {
    const { jobs: waiting, running } = yield* jobs.count(queue, tenantId)
    add(counts, `queue ${queue}`, waiting + running)
  }
  return [...counts].map(([table, rows]): RowCount => ({ table, rows }))
})

/** Files that no invoice names: of a deleted row, or of a mail whose import was cut off. */
const strays = "files without an invoice"

const untilNoneRuns = Effect.fnUntraced(function*(tenantId: TenantId) {
  const jobs = yield* TenantJobs
  for (let look = 1;; look++) {
    const counts = yield* Effect.forEach(queues, (queue) => jobs.count(queue, tenantId))
    const running = counts.reduce((sum, one) => sum + one.running, 0)
    if (running === 0) return
    if (look === looks) return yield* new StillRunning({ tenantId, running })
    yield* Effect.sleep(lookEvery)
  }
})

/**
 * Removes everything that the worker keeps of a tenant: what makes jobs, jobs in all states, files with their invoices,
 * deliveries and webhooks, and the worker's own records. A line in `tt_worker.control_log` stays. Each step leaves the
 * rest findable (an invoice's row goes after its file), so that the same call goes on where a killed one stopped.
 */
export const eraseTenant = Effect.fn("Erasure.erase")(function*(tenantId: TenantId, by: string) {
  const [rows, jobs, files] = [yield* TenantRows, yield* TenantJobs, yield* FileErasure]
  const counts = new Map<string, number>()
  const take = (removed: ReadonlyArray<RowCount>) => removed.forEach(({ rows, table }) => add(counts, table, rows))
  const eraseJobs = Effect.forEach(queues, (queue) =>
    Effect.map(jobs.erase(queue, tenantId), ({ jobs: removed }) => add(counts, `queue ${queue}`, removed)), { discard: true })

  take(yield* rows.stop(tenantId))
  yield* Effect.sleep(pauseTakes)
  yield* untilNoneRuns(tenantId)
  yield* eraseJobs
  for (;;) {
    const some = yield* rows.invoices(tenantId, batch)
    if (some.length === 0) break
    const erased = yield* Effect.forEach(some, ({ fileKey }) => fileKey === null ? Effect.succeed(false) : files.erase(fileKey), { concurrency: 8 })
    add(counts, "files", erased.filter((one) => one).length)
    add(counts, "invoices", yield* rows.removeInvoices(tenantId, some.map(({ invoiceId }) => invoiceId)))
  }
  const left = yield* rows.strayFiles(tenantId, yield* files.under(tenantId))
  const erased = yield* Effect.forEach(left, files.erase, { concurrency: 8 })
  add(counts, strays, erased.filter((one) => one).length)
  yield* files.tidy(tenantId)
  // What a job left in the moment between, and what the reconciler put back before the rows were gone.
  yield* eraseJobs
  take(yield* rows.finish(tenantId, by, [...counts].map(([table, rows]): RowCount => ({ table, rows }))))
  return [...counts].map(([table, rows]): RowCount => ({ table, rows }))
})
