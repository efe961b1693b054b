import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Queue, Worker } from "bullmq"
import { Console, Effect, Layer, Logger, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { createHmac } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Pool } from "pg"
import { request as undiciRequest } from "undici"
import { redisBackend } from "../layers/bullmq/backends.ts"
import { BullmqJobQueues } from "../layers/bullmq/BullmqJobQueue.ts"
import { PostgresWebhookDeliveries } from "../layers/postgres/PostgresWebhookDeliveries.ts"
import { PostgresWebhooks } from "../layers/postgres/PostgresWebhooks.ts"
import { WebhookDelivery } from "../programs/webhook-delivery/WebhookDelivery.ts"
import { QUEUE_NAMES, type WebhookDeliveryJobData } from "../src/contract/index.ts"
import { defaultRetention } from "../src/domain/limits.ts"
import { noControls } from "../src/services/QueueControls.ts"
import { runAttempt } from "../src/supervisor/attempt.ts"
import { ConsumerBoard } from "../src/supervisor/consumer/ConsumerBoard.ts"
import { LiveControls } from "../src/supervisor/consumer/LiveControls.ts"
import { startConsumer } from "../src/supervisor/consumer/QueueConsumer.ts"
import { Solitude } from "../src/supervisor/consumer/Solitude.ts"
import { tablesAt } from "../test/support/invoiceTables.ts"
import { DatabaseAddress } from "../test/support/outboxTables.ts"
import { OwnPostgres } from "../test/support/ownPostgres.ts"
import { OwnRedis } from "../test/support/ownRedis.ts"
import { senderWith } from "../test/support/receiver.ts"
import { until } from "../test/support/until.ts"
import { programServices } from "../test/support/webhookProgram.ts"
import { durablePostgres } from "./support/durablePostgres.ts"

/**
 * Deliveries per second to a local receiver, beside a plain BullMQ worker that posts with `fetch`, and with
 * `undici.request`, and writes the same record; then how long the others' deliveries take while one endpoint hangs with
 * 1,000 events waiting: `npm run bench:webhooks`. Needs redis-server. PostgreSQL with fsync; all on this machine, the
 * receiver in a process of its own. About a minute.
 */
const queueName = QUEUE_NAMES.WEBHOOK_DELIVERY
const concurrency = 64
const perRound = Number(process.argv[2] ?? 2_000)
const rounds = Number(process.argv[3] ?? 3)
const endpoints = 20
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

const receiverPort = Effect.acquireRelease(
  Effect.promise(async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("support/receiverProcess.ts", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] })
    const [line] = await once(child.stdout, "data")
    return { child, port: Number(String(line)) }
  }),
  ({ child }) => Effect.sync(() => void child.kill())
).pipe(Effect.map(({ port }) => port))

/** What the plain workers write: what ours writes, one statement for each delivery. */
const plainRecord = `WITH written AS (
    UPDATE webhook_deliveries SET status = 'delivered', "responseStatus" = $2, "durationMs" = $3, "attemptNumber" = 1, "finishedAt" = now(), "attemptStartedAt" = now(),
      timings = $4, "requestHeaders" = $5, "responseHeaders" = $6, "responseExcerpt" = $7, "traceId" = 't', "updatedAt" = now()
    WHERE id = $1 AND "tenantId" = $8 RETURNING id)
  INSERT INTO tt_worker.webhook_attempts ("tenantId", "deliveryId", "claimEpoch", "webhookId", "attemptNumber", "startedAt", outcome, "responseStatus", address, "totalMs",
    "requestHeaders", "responseHeaders", "responseExcerpt", "responseCut", "traceId")
  SELECT $8, id, 1, $9, 1, now(), 'delivered', $2, '127.0.0.1', $3, $5, $6, $7, false, 't' FROM written`

const program = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { url } = yield* OwnRedis
  const port = yield* receiverPort
  const databaseUrl = Redacted.value(yield* DatabaseAddress)
  const connection = { url: Redacted.value(url), maxRetriesPerRequest: null }
  const queue = yield* Effect.acquireRelease(Effect.sync(() => new Queue(queueName, { connection })), (queue) => Effect.promise(() => queue.close()))
  const pool = yield* Effect.acquireRelease(Effect.sync(() => new Pool({ connectionString: databaseUrl, max: 10 })), (pool) => Effect.promise(() => pool.end()))

  yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret) SELECT 'w' || n, 't' || n, ${`http://127.0.0.1:${port}/w`} || n, ${secret} FROM generate_series(0, ${endpoints - 1}) n`
  yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret) VALUES ('hang', 'hanging', ${`http://127.0.0.1:${port}/hang`}, ${secret})`

  let made = 0
  const body = JSON.stringify({ type: "invoice.processed", data: { invoiceId: "i", supplierName: "Toitures Martin", amountTTC: "1200.00", text: "x".repeat(300) } })
  const write = (count: number, webhook?: string) =>
    Effect.gen(function*() {
      const jobs = Array.from({ length: count }, (_, index): WebhookDeliveryJobData => {
        const n = index % endpoints
        return {
          webhookId: webhook ?? `w${n}`, webhookDeliveryId: `d${++made}`, tenantId: webhook === undefined ? `t${n}` : "hanging", event: "invoice.processed",
          url: `http://127.0.0.1:${port}/w${n}`, secret, payload: {}
        }
      })
      yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event, "eventId", body, "bodyHash")
        SELECT id, webhook, tenant, 'invoice.processed', id, ${body}, encode(sha256(convert_to(${body}, 'UTF8')), 'hex')
        FROM json_to_recordset(${JSON.stringify(jobs.map((job) => ({ id: job.webhookDeliveryId, webhook: job.webhookId, tenant: job.tenantId })))}::text::json) AS d(id text, webhook text, tenant text)`
      return jobs
    })
  const add = (jobs: ReadonlyArray<WebhookDeliveryJobData>) => Effect.promise(() => queue.addBulk(jobs.map((data) => ({ name: "deliver", data, opts: { removeOnComplete: 100 } }))))
  const delivered = (jobs: ReadonlyArray<WebhookDeliveryJobData>) =>
    sql<{ readonly count: number }>`SELECT count(*)::int AS count FROM webhook_deliveries WHERE id = ANY(${jobs.map(({ webhookDeliveryId }) => webhookDeliveryId)}::text[]) AND status = 'delivered'`.pipe(
      Effect.map(([row]) => row?.count ?? 0))

  type Post = (url: string, headers: Record<string, string>) => Promise<{ readonly status: number; readonly text: string; readonly headers: unknown }>
  const plainWorker = (post: Post, done: () => void) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const worker = new Worker<WebhookDeliveryJobData>(queueName, async ({ data }) => {
          const began = performance.now()
          const headers = {
            "content-type": "application/json",
            "x-signature-256": `sha256=${createHmac("sha256", data.secret ?? "").update(body).digest("hex")}`,
            "x-webhook-event": data.event,
            "x-webhook-delivery": data.webhookDeliveryId
          }
          const answer = await post(data.url, headers)
          const total = performance.now() - began
          await pool.query({
            name: "record",
            text: plainRecord,
            values: [data.webhookDeliveryId, answer.status, Math.round(total), JSON.stringify({ total }), JSON.stringify(headers), JSON.stringify(answer.headers), answer.text, data.tenantId, data.webhookId]
          })
          done()
        }, { connection, concurrency })
        worker.on("error", () => undefined)
        return worker
      }),
      (worker) => Effect.promise(() => worker.close())
    )
  const fetching: Post = async (url, headers) => {
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(15_000) })
    return { status: response.status, text: await response.text(), headers: Object.fromEntries(response.headers) }
  }
  const requesting: Post = async (url, headers) => {
    const { body: answer, headers: answered, statusCode } = await undiciRequest(url, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) })
    return { status: statusCode, text: await answer.text(), headers: answered }
  }

  const ours = (done: (deliveryId: string) => void) =>
    Effect.gen(function*() {
      const handle = runAttempt(WebhookDelivery)
      const alive = yield* startConsumer({
        queue: queueName,
        concurrency,
        tenantLimit: null,
        handle: (attempt) => Effect.tap(handle(attempt), (verdict) => Effect.sync(() => {
          if (verdict._tag === "Complete" && typeof attempt.data === "object" && attempt.data !== null && "webhookDeliveryId" in attempt.data) done(String(attempt.data.webhookDeliveryId))
        }))
      })
      yield* Effect.forkScoped(alive)
    })

  const rate = <R>(how: (done: () => void) => Effect.Effect<unknown, unknown, R>) =>
    Effect.scoped(Effect.gen(function*() {
      const jobs = yield* write(perRound)
      yield* add(jobs)
      let ended = 0
      const cpu = process.cpuUsage()
      const began = performance.now()
      yield* Effect.orDie(how(() => void ended++))
      yield* until(Effect.sync(() => ended), (count) => count >= perRound, 120_000)
      const took = (performance.now() - began) / 1000
      const { system, user } = process.cpuUsage(cpu)
      const found = yield* delivered(jobs)
      if (found !== perRound) return yield* Effect.die(`${found} of ${perRound} on record`)
      return { rate: perRound / took, cpu: (system + user) / 1000 / perRound }
    }))

  const contenders = {
    "plain BullMQ worker, fetch": (done: () => void) => plainWorker(fetching, done),
    "plain BullMQ worker, undici.request": (done: () => void) => plainWorker(requesting, done),
    "tt-worker": (done: () => void) => ours(done)
  }
  const rates = new Map<string, Array<{ readonly rate: number; readonly cpu: number }>>(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const figure = yield* rate(contender)
      // The first round warms up.
      if (round > 0) rates.get(name)?.push(figure)
    }
  }
  const median = (figures: ReadonlyArray<number>) => [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0
  const own = median((rates.get("tt-worker") ?? []).map(({ rate }) => rate))
  for (const [name, figures] of rates) {
    const middle = median(figures.map(({ rate }) => rate))
    const beside = name === "tt-worker" ? "" : `; tt-worker makes ${(own / middle).toFixed(2)} x of it`
    yield* Console.log(`${name}: ${middle.toFixed(0)} deliveries/s (${figures.map(({ rate }) => rate.toFixed(0)).join(", ")}), ${median(figures.map(({ cpu }) => cpu)).toFixed(2)} ms of this process's CPU each${beside}`)
  }

  const latencies = (count: number, pause: number, ends: Map<string, number>) =>
    Effect.gen(function*() {
      const jobs = yield* write(count)
      const begins = new Map<string, number>()
      for (const job of jobs) {
        begins.set(job.webhookDeliveryId, performance.now())
        yield* add([job])
        yield* Effect.sleep(pause)
      }
      yield* until(Effect.sync(() => jobs.filter(({ webhookDeliveryId }) => ends.has(webhookDeliveryId)).length), (seen) => seen === count, 60_000)
      return jobs.map(({ webhookDeliveryId }) => (ends.get(webhookDeliveryId) ?? 0) - (begins.get(webhookDeliveryId) ?? 0)).sort((one, other) => one - other)
    })
  const at = (sorted: ReadonlyArray<number>, part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  yield* Effect.scoped(Effect.gen(function*() {
    const ends = new Map<string, number>()
    yield* Effect.orDie(ours((id) => void ends.set(id, performance.now())))
    yield* latencies(300, 5, ends)
    const quiet: Array<number> = []
    for (let part = 0; part < 2; part++) quiet.push(...(yield* latencies(1_000, 5, ends)))
    yield* add(yield* write(1_000, "hang"))
    yield* Effect.sleep("1 second")
    const beside: Array<number> = []
    for (let part = 0; part < 2; part++) beside.push(...(yield* latencies(1_000, 5, ends)))
    for (const figures of [quiet, beside]) figures.sort((one, other) => one - other)
    yield* Console.log(`emit to delivered, quiet: p50 ${at(quiet, 0.5).toFixed(1)} ms, p99 ${at(quiet, 0.99).toFixed(1)} ms`)
    yield* Console.log(`emit to delivered, one endpoint hanging with 1,000 events waiting: p50 ${at(beside, 0.5).toFixed(1)} ms, p99 ${at(beside, 0.99).toFixed(1)} ms (${(at(beside, 0.99) / at(quiet, 0.99)).toFixed(2)} x)`)
  }))
})

const tables = Layer.unwrap(OwnPostgres.use(({ makeDatabase }) =>
  Effect.map(makeDatabase, (url) =>
    Layer.merge(PostgresWebhookDeliveries, PostgresWebhooks).pipe(Layer.provideMerge(tablesAt(url)), Layer.merge(Layer.succeed(DatabaseAddress, url)))))).pipe(Layer.provide(durablePostgres))
const queues = Layer.unwrap(OwnRedis.useSync(({ url }) => Layer.provide(BullmqJobQueues, Layer.orDie(redisBackend({ url, label: "own", waits: true, retention: defaultRetention })))))
const world = Layer.mergeAll(senderWith(), programServices(22), ConsumerBoard.layer, LiveControls.fixed(noControls), Solitude.layer, queues).pipe(
  Layer.provideMerge(Layer.merge(tables, OwnRedis.layer)),
  Layer.provideMerge(Logger.layer([]))
)
NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(world)))
