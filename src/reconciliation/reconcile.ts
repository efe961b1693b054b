import { Array as Arr, type DateTime, Effect } from "effect"
import { JobProducer } from "../services/JobProducer.ts"
import { type Candidate, type Enqueued, Reconciliation, type ReconciliationSource } from "../services/Reconciliation.ts"

export interface ReconcileOptions {
  /** Also rows created since then, where the worker would leave them alone; null: only those since it moved in. */
  readonly since: DateTime.Utc | null
  /** Look, and change nothing. */
  readonly dryRun: boolean
  /** Most rows without a known job that are enqueued in one go. */
  readonly most: number
}

/** What one go found and did, by tenant. */
export interface Reconciled {
  readonly source: string
  /** Enqueued, or to be enqueued: no job of theirs was known. */
  readonly withoutJob: ReadonlyMap<string, number>
  /** Enqueued, or to be enqueued: the job that was known is gone. */
  readonly lost: ReadonlyMap<string, number>
  /** Their job is alive: nothing to do. */
  readonly alive: ReadonlyMap<string, number>
  /** As many as are taken in one go: there may be more. */
  readonly full: boolean
}

export const defaultMost = 2_000
/** Rows whose job the queue is asked about in one go: one call. */
const mostChecked = 1_000
/** Jobs added in one call. */
const batchSize = 500

/** The same for the same try, so that a job added twice is one; letters and digits, since a job's id has no colon. */
const jobIdOf = (incarnation: string, { id, tries }: Candidate): string =>
  `again-${incarnation.slice(0, 8)}-${encodeURIComponent(id)}-${tries + 1}`

const countByTenant = (rows: ReadonlyArray<Candidate>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { tenantId } of rows) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1)
  return counts
}

/** A job that the queue refuses for good is told and counts as tried, so that it neither stops the others nor comes every time. */
const addOneByOne = Effect.fnUntraced(function*(source: ReconciliationSource, rows: ReadonlyArray<Candidate>, jobIdOf: (row: Candidate) => string) {
  const producer = yield* JobProducer
  yield* Effect.forEach(rows, (row) =>
    producer.add(source.queue, row.data, { jobId: jobIdOf(row), traceparent: null }).pipe(
      Effect.catchIf(({ reason }) => reason === "refused", (error) => Effect.logWarning(`${source.name} ${row.id} of tenant ${row.tenantId}: ${error.message}`))
    ), { discard: true })
})

/**
 * Gives every row of one source a job that has lost its own, and no other. First the queue gets the jobs, then the
 * database the record: what dies between is done again under the same ids. Null: another replica is at it.
 */
export const reconcileSource = Effect.fn("Reconciliation.reconcile")(function*(source: ReconciliationSource, options: ReconcileOptions) {
  const reconciliation = yield* Reconciliation
  const producer = yield* JobProducer

  const work = Effect.gen(function*() {
    const incarnation = yield* producer.incarnation(source.queue)
    if (!options.dryRun) yield* reconciliation.noteIncarnation(source.queue, incarnation)
    const { most, since } = options
    const candidates = yield* source.candidates({ incarnation, since, most, mostChecked })
    const known = candidates.filter(({ jobIds }) => jobIds.length > 0)
    const withoutJob = candidates.filter(({ jobIds }) => jobIds.length === 0)
    const living = yield* producer.alive(source.queue, known.flatMap(({ jobIds }) => jobIds))
    const alive = known.filter(({ jobIds }) => jobIds.some((jobId) => living.has(jobId)))
    const lost = known.filter(({ jobIds }) => !jobIds.some((jobId) => living.has(jobId)))

    if (!options.dryRun) {
      const idOf = (row: Candidate) => jobIdOf(incarnation, row)
      for (const rows of Arr.chunksOf([...withoutJob, ...lost], batchSize)) {
        yield* producer.addMany(source.queue, rows.map((row) => ({ data: row.data, jobId: idOf(row), traceparent: null }))).pipe(
          Effect.asVoid,
          Effect.catchIf(({ reason }) => reason === "refused", () => addOneByOne(source, rows, idOf))
        )
        yield* source.record(incarnation, rows.map((row): Enqueued => ({ tenantId: row.tenantId, id: row.id, jobId: idOf(row) })))
      }
      yield* source.recordAlive(alive)
    }
    return {
      source: source.name,
      withoutJob: countByTenant(withoutJob),
      lost: countByTenant(lost),
      alive: countByTenant(alive),
      full: withoutJob.length >= most
    } satisfies Reconciled
  })
  return options.dryRun ? yield* work : yield* reconciliation.alone(source.name, work)
})
