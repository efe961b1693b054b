import { createPostgresBackend, type JobsOptions, Queue } from "bullmq"
import { Duration, Effect, Schedule, type Scope } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { AskedJob } from "../ledger/checkLedger.ts"
import type { Database } from "../ledger/Database.ts"
import type { Random } from "../random.ts"
import type { OutsideWorld } from "../servers/outsideWorld.ts"
import { type Document, documentFor, type DocumentKind, sharedDocument } from "./documents.ts"

export type Backend = "redis" | "postgres"

export const tenants = ["tenant-a", "tenant-b", "tenant-c"] as const

/** Job options: none at all, as APIs differ, or the same without a priority, which BullMQ puts behind every plain job. */
export type How = "plain" | "varied" | "without-priority"

export interface UploadOptions {
  readonly about: string
  readonly tenantId?: string
  readonly kind?: DocumentKind
  readonly expected?: AskedJob["expected"]
  readonly how?: How
}

export interface Uploaded {
  readonly invoiceId: string
  readonly tenantId: string
  readonly document: Document
}

export interface JobNow {
  readonly state: string
  readonly attemptsMade: number
}

/** What an API does: writes an invoice's row, then adds its job with plain BullMQ calls. It goes past every link that is broken. */
export interface Producer {
  /** The file and the row; no job yet. */
  readonly upload: (options: UploadOptions) => Effect.Effect<Uploaded>
  readonly enqueue: (uploaded: Uploaded, how?: How, delay?: Duration.Duration) => Effect.Effect<string>
  readonly add: (options: UploadOptions) => Effect.Effect<Uploaded & { readonly jobId: string }>
  /** Many jobs of one tenant that share a file and need not be through in the end. */
  readonly crowd: (count: number, tenantId: string) => Effect.Effect<void>
  readonly asked: ReadonlyArray<AskedJob>
  /** Of these nothing is expected any more: their rows are gone with a restore. */
  readonly forget: (invoiceIds: ReadonlySet<string>) => Effect.Effect<void>
  readonly waitingCount: Effect.Effect<number>
  /** Everything that is not at an end. */
  readonly unfinishedCounts: Effect.Effect<Readonly<Record<string, number>>>
  /** Invoices with a job that has not ended. */
  readonly queuedInvoices: Effect.Effect<ReadonlySet<string>>
  /** Jobs that have used up more than one attempt, with what they came to. */
  readonly burnt: Effect.Effect<ReadonlyArray<string>>
  readonly jobOf: (jobId: string) => Effect.Effect<JobNow | null>
  /** A job scheduler whose first job is due now, and the next one after an hour. */
  readonly schedule: (uploaded: Uploaded) => Effect.Effect<void>
  readonly unschedule: (uploaded: Uploaded) => Effect.Effect<void>
  /** Invoices of the failed list with the reason of each. */
  readonly failed: Effect.Effect<ReadonlyArray<{ readonly invoiceId: string; readonly reason: string }>>
}

/** As APIs differ: with and without attempts, with back-off of both kinds, some with a priority. */
const optionsBy = (random: Random, how: How): JobsOptions => how === "plain" ? {} : ({
  ...random.pick<JobsOptions>([
    {},
    { attempts: 3 },
    { attempts: 4, backoff: { type: "exponential", delay: 400 } },
    { attempts: 3, backoff: 500 },
    { attempts: 5, backoff: { type: "fixed", delay: 300 } }
  ]),
  ...(how === "varied" && random.chance(0.2) ? { priority: random.integer(1, 5) } : {})
})

export const openProducer = (options: {
  readonly backend: Backend
  readonly redisUrl: string
  readonly database: Database
  readonly outside: OutsideWorld
  readonly random: Random
}): Effect.Effect<Producer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { backend, database, outside, random } = options
    const queue = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const open = backend === "redis"
          ? new Queue(QUEUE_NAMES.INVOICE_PROCESSING, { connection: { url: options.redisUrl, maxRetriesPerRequest: null, retryStrategy: () => 200 } })
          : new Queue(QUEUE_NAMES.INVOICE_PROCESSING, { connection: { connectionString: database.url, max: 4 } }, createPostgresBackend)
        open.on("error", () => undefined)
        return open
      }),
      (open) => Effect.tryPromise(() => open.close()).pipe(Effect.ignore, Effect.timeoutOption("3 seconds"))
    )
    /** An API that is refused asks again, for as long as an outage lasts here. */
    const insisted = <A>(ask: () => Promise<A>): Effect.Effect<A> =>
      Effect.tryPromise(ask).pipe(Effect.retry({ times: 400, schedule: Schedule.spaced("200 millis") }), Effect.orDie)

    const asked: Array<AskedJob> = []
    let made = 0
    const insert = `INSERT INTO invoices (id, "tenantId", "fileKey", "fileName") VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

    const upload: Producer["upload"] = Effect.fnUntraced(function*({ about, expected = "processed", kind, tenantId }) {
      const invoiceId = `i${++made}-${random.integer(1e6, 1e7)}`
      const document = documentFor(kind ?? random.pick(["photo", "text", "e-invoice"]), invoiceId)
      const uploaded = { invoiceId, tenantId: tenantId ?? random.pick(tenants), document }
      yield* outside.store(document)
      yield* database.tell(insert, [invoiceId, uploaded.tenantId, document.key, document.fileName])
      asked.push({ invoiceId, about, expected })
      return uploaded
    })
    const enqueue: Producer["enqueue"] = ({ invoiceId, tenantId }, how = "varied", delay = Duration.zero) => {
      const jobOptions = { ...optionsBy(random, how), ...(Duration.isZero(delay) ? {} : { delay: Duration.toMillis(delay) }) }
      return Effect.map(insisted(() => queue.add("process", { invoiceId, tenantId }, jobOptions)), ({ id }) => id ?? "")
    }

    return {
      upload,
      enqueue,
      add: Effect.fnUntraced(function*(about) {
        const uploaded = yield* upload(about)
        return { ...uploaded, jobId: yield* enqueue(uploaded, about.how) }
      }),
      crowd: Effect.fnUntraced(function*(count, tenantId) {
        yield* outside.store(sharedDocument)
        const ids = Array.from({ length: count }, () => `crowd${++made}`)
        yield* database.tell(
          `INSERT INTO invoices (id, "tenantId", "fileKey", "fileName") SELECT unnest($1::text[]), $2, $3, $4 ON CONFLICT DO NOTHING`,
          [ids, tenantId, sharedDocument.key, sharedDocument.fileName]
        )
        for (const invoiceId of ids) asked.push({ invoiceId, about: "one of the crowd", expected: null })
        yield* Effect.forEach(ids, (invoiceId) => insisted(() => queue.add("process", { invoiceId, tenantId })), { concurrency: 25, discard: true })
      }),
      asked,
      forget: (invoiceIds) => Effect.sync(() => void asked.splice(0, asked.length, ...asked.filter(({ invoiceId }) => !invoiceIds.has(invoiceId)))),
      waitingCount: Effect.map(insisted(() => queue.getJobCounts("waiting", "prioritized")), ({ prioritized = 0, waiting = 0 }) => waiting + prioritized),
      unfinishedCounts: insisted(() => queue.getJobCounts("waiting", "prioritized", "active", "delayed")),
      burnt: Effect.map(insisted(() => queue.getJobs(["completed", "failed", "waiting", "prioritized", "active", "delayed"], 0, 5_000)), (jobs) =>
        jobs.flatMap((job) => job.attemptsMade > 1 || (job.attemptsMade === 1 && job.finishedOn === undefined)
          ? [`${String(job.data.invoiceId)}: ${job.attemptsMade} attempts, ${job.failedReason ?? ""}`]
          : [])),
      jobOf: (jobId) =>
        insisted(async (): Promise<JobNow | null> => {
          const job = await queue.getJob(jobId)
          return job === undefined ? null : { state: await job.getState(), attemptsMade: job.attemptsMade }
        }),
      schedule: ({ invoiceId, tenantId }) =>
        Effect.asVoid(insisted(() => queue.upsertJobScheduler(`again-${invoiceId}`, { every: 3_600_000 }, { name: "process", data: { invoiceId, tenantId } }))),
      unschedule: ({ invoiceId }) => Effect.asVoid(insisted(() => queue.removeJobScheduler(`again-${invoiceId}`))),
      queuedInvoices: Effect.map(insisted(() => queue.getJobs(["waiting", "prioritized", "active", "delayed"])), (jobs) =>
        new Set(jobs.map((job) => String(job.data.invoiceId)))),
      failed: Effect.map(insisted(() => queue.getFailed()), (jobs) =>
        jobs.map((job) => ({ invoiceId: String(job.data.invoiceId), reason: job.failedReason })))
    }
  })
