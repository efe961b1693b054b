import { Array as Arr, Effect, Option, Schema } from "effect"
import { QUEUE_NAMES, type QueueName } from "../contract/index.ts"
import { JobInspector } from "../services/JobInspector.ts"
import { type JobSubject, Leftovers } from "../services/Leftovers.ts"
import { StoredFiles } from "../services/StoredFiles.ts"

/** Rows asked for in one statement. */
const batchSize = 5_000

/** Jobs of one queue that are not at an end. */
export interface JobLeftovers {
  readonly queue: QueueName
  readonly looked: number
  /** As many as are looked at: there may be more. */
  readonly full: boolean
  /** Those whose row is gone, by tenant. */
  readonly withoutRow: ReadonlyMap<string, number>
}

export interface FileLeftovers {
  readonly looked: number
  readonly full: boolean
  /** Those that no invoice names. */
  readonly withoutRow: number
}

const Data = Schema.Struct({
  tenantId: Schema.String,
  invoiceId: Schema.optionalKey(Schema.String),
  webhookDeliveryId: Schema.optionalKey(Schema.String),
  tenantUserId: Schema.optionalKey(Schema.String)
})
const decodeData = Schema.decodeUnknownOption(Data)

/** Data of another shape name no row; whoever runs such a job says so. */
const subjectOf = (queue: QueueName, data: unknown): Option.Option<JobSubject> =>
  Option.flatMap(decodeData(data), ({ invoiceId, tenantId, tenantUserId, webhookDeliveryId }) => {
    const id = {
      [QUEUE_NAMES.INVOICE_PROCESSING]: invoiceId,
      [QUEUE_NAMES.WEBHOOK_DELIVERY]: webhookDeliveryId,
      [QUEUE_NAMES.AUTOMATION]: tenantUserId,
      [QUEUE_NAMES.EMAIL_SYNC]: tenantId
    }[queue]
    return id === undefined ? Option.none() : Option.some({ tenantId, id })
  })

const jobsOf = Effect.fnUntraced(function*(queue: QueueName, most: number) {
  const leftovers = yield* Leftovers
  const jobs = yield* JobInspector.use((inspector) => inspector.unfinished(queue, most))
  const subjects = jobs.flatMap((data) => Option.toArray(subjectOf(queue, data)))
  const gone = (yield* Effect.forEach(Arr.chunksOf(subjects, batchSize), (some) => leftovers.withoutRow(queue, some))).flat()
  const withoutRow = gone.reduce((counts, { tenantId }) => counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1), new Map<string, number>())
  return { queue, looked: jobs.length, full: jobs.length >= most, withoutRow } satisfies JobLeftovers
})

/** Jobs that will find no row, queue by queue; at most so many of each are looked at. */
export const jobLeftovers = Effect.fn("Reconciliation.jobLeftovers")((most: number) =>
  Effect.forEach(Object.values(QUEUE_NAMES), (queue) => jobsOf(queue, most)))

/** Files that no row names: of invoices that a restored database does not know yet, or not any more. */
export const fileLeftovers = Effect.fn("Reconciliation.fileLeftovers")(function*(most: number) {
  const leftovers = yield* Leftovers
  const { keys, more } = yield* StoredFiles.use((files) => files.list(most))
  const counts = yield* Effect.forEach(Arr.chunksOf(keys, batchSize), leftovers.unnamedFiles)
  return { looked: keys.length, full: more, withoutRow: counts.reduce((sum, count) => sum + count, 0) } satisfies FileLeftovers
})
