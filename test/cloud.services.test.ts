import { assert, layer } from "@effect/vitest"
import { Queue } from "bullmq"
import { Deferred, Effect, Fiber, Layer, Logger, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as Postgres from "../layers/postgres/Postgres.ts"
import * as S3Storage from "../layers/storage/S3Storage.ts"
import { QUEUE_NAMES } from "../src/contract/index.ts"
import { StorageKey } from "../src/domain/ids.ts"
import { ObjectStorage } from "../src/services/ObjectStorage.ts"
import { startOpenAi } from "./emulators/openai.ts"
import { startS3 } from "./emulators/s3.ts"
import { annotation, startVision, word } from "./emulators/vision.ts"
import { goodAnswer, invoiceLines, newPhoto } from "./support/cloudWorld.ts"
import { databaseAt } from "./support/invoiceTables.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { OwnRedis } from "./support/ownRedis.ts"
import { bookOf } from "./support/paidCalls.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { runWorker, startWorker } from "./support/worker.ts"

/** Where each of four invoices is held when its process is killed. */
const steps = ["download", "recognition", "extraction", "saving"] as const
type Step = (typeof steps)[number]

/** Holds what is asked for at a step, invoice by invoice, and counts it. */
const makeGate = () => {
  const shut = new Set<string>()
  const waiting: Array<readonly [string, () => void]> = []
  const counts = new Map<string, number>()
  return {
    shut: (at: string) => shut.add(at),
    pass: (at: string): Promise<void> => {
      counts.set(at, (counts.get(at) ?? 0) + 1)
      return shut.has(at) ? new Promise((go) => waiting.push([at, go])) : Promise.resolve()
    },
    open: (at: string) => {
      shut.delete(at)
      for (const [where, go] of waiting) if (where === at) go()
    },
    count: (at: string) => counts.get(at) ?? 0
  }
}

const months = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ tenantId: Schema.String, answered: Schema.Int, uncertain: Schema.Int, cost: Schema.Int })))

layer(Layer.mergeAll(OwnPostgres.layer, OwnRedis.layer, Logger.layer([])), { excludeTestServices: true, timeout: "120 seconds" })(
  "the whole program on Vision, OpenAI, S3, Redis and PostgreSQL",
  (it) => {
    it.effect("killed at each step, it pays again for no step that had ended, and knows to the cent what it cost", () =>
      Effect.gen(function*() {
        const [vision, openAi, s3] = yield* Effect.all([startVision, startOpenAi, startS3])
        const gate = makeGate()
        const url = yield* (yield* OwnPostgres).makeDatabase
        const redis = yield* OwnRedis
        const context = yield* Layer.build(Layer.mergeAll(
          Postgres.layer({ database: databaseAt(url), migrate: true, waits: false }),
          S3Storage.layer({
            endpoint: s3.endpoint,
            bucket: s3.bucket,
            accessKeyId: Redacted.make(s3.account.accessKeyId),
            secretAccessKey: Redacted.make(s3.account.secretAccessKey),
            forcePathStyle: true
          })
        ))
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const storage = yield* ObjectStorage
          yield* sql`INSERT INTO tenants (id, name, features) VALUES ('firm', 'Firm', '{"invoices": true}')`
          const photos = new Map<Step, Uint8Array>()
          for (const step of steps) {
            const photo = yield* newPhoto
            photos.set(step, photo)
            yield* storage.put(StorageKey.make(`files/${step}.jpg`), photo, "image/jpeg")
            yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES (${step}, 'firm', ${`files/${step}.jpg`})`
          }
          const stepOf = (content: string | Uint8Array | null | undefined): string => steps.find((step) => Buffer.from(photos.get(step) ?? []).equals(Buffer.from(content ?? ""))) ?? "?"

          s3.before = ({ method, target }) => method === "GET" ? gate.pass(`download of ${/files\/(\w+)\./.exec(target)?.[1]}`) : Promise.resolve()
          vision.answerImage = ({ image }) => ({
            fullTextAnnotation: annotation({ width: 600, height: 800 }, [...invoiceLines, word(`REF-${stepOf(image?.content)}`, { x: 40, y: 400, width: 100, height: 20 })])
          })
          vision.before = (images) => gate.pass(`recognition of ${stepOf(images[0]?.image?.content)}`)
          openAi.replies = [{ kind: "answer", content: goodAnswer }]
          openAi.before = ({ body }) => gate.pass(`extraction of ${/REF-(\w+)/.exec(JSON.stringify(body["messages"]))?.[1]}`)
          for (const at of ["download of download", "recognition of recognition", "extraction of extraction", "extraction of saving"]) gate.shut(at)

          const folder = yield* tempDir
          const env = {
            DATABASE_URL: Redacted.value(url),
            REDIS_URL: Redacted.value(redis.url),
            S3_ENDPOINT: s3.endpoint,
            S3_BUCKET: s3.bucket,
            S3_ACCESS_KEY_ID: s3.account.accessKeyId,
            S3_SECRET_ACCESS_KEY: s3.account.secretAccessKey,
            GOOGLE_VISION_API_KEY: "emulated",
            GOOGLE_VISION_ENDPOINT: `http://127.0.0.1:${vision.endpoint.port}`,
            OPENAI_API_KEY: "emulated",
            OPENAI_BASE_URL: openAi.baseUrl,
            INVOICE_CONCURRENCY: "4",
            MONTHLY_LIMIT_USD: "5"
          }
          const victim = yield* startWorker(folder, [], env)
          assert.match(yield* victim.says("Ready after"), /Google Cloud Vision at 127\.0\.0\.1.*\n.*OpenAI gpt-4\.1-mini at 127\.0\.0\.1/)
          const queue = yield* Effect.acquireRelease(
            Effect.sync(() => new Queue(QUEUE_NAMES.INVOICE_PROCESSING, { connection: { url: Redacted.value(redis.url) } })),
            (open) => Effect.promise(() => open.close())
          )
          for (const invoiceId of steps) yield* Effect.promise(() => queue.add("traiter", { invoiceId, tenantId: "firm" }))
          const isHeld = (at: string) => until(Effect.sync(() => gate.count(at)), (count) => count === 1, 20_000)
          yield* Effect.forEach(["download of download", "recognition of recognition", "extraction of extraction", "extraction of saving"], isHeld, { discard: true })

          // The last one is held by its row, which it finds locked when it has its answer.
          const letGo = yield* Deferred.make<void>()
          const locked = yield* Deferred.make<void>()
          const lock = yield* Effect.forkChild(sql.withTransaction(
            sql`SELECT 1 FROM invoices WHERE id = 'saving' FOR UPDATE`.pipe(Effect.andThen(Deferred.succeed(locked, undefined)), Effect.andThen(Deferred.await(letGo)))
          ))
          yield* Deferred.await(locked)
          gate.open("extraction of saving")
          yield* until(sql`SELECT 1 FROM tt_worker.kept_answers WHERE step = 'extraction' AND answer IS NOT NULL`, (rows) => rows.length === 1, 10_000)

          victim.child.kill("SIGKILL")
          yield* victim.ended
          yield* Deferred.succeed(letGo, undefined)
          yield* Fiber.join(lock)
          for (const step of steps) for (const what of ["download", "recognition", "extraction"]) gate.open(`${what} of ${step}`)

          const heir = yield* startWorker(folder, [], env)
          yield* heir.says("Ready after")
          yield* until(sql`SELECT id FROM invoices WHERE status = 'processed'`, (rows) => rows.length === 4, 60_000)
          const paid = steps.map((step) => [step, gate.count(`recognition of ${step}`), gate.count(`extraction of ${step}`)])
          assert.deepStrictEqual(paid, [["download", 1, 1], ["recognition", 2, 1], ["extraction", 1, 2], ["saving", 1, 1]])
          assert.deepInclude((yield* sql`SELECT "supplierName", "amountTTC"::float8 FROM invoices WHERE id = 'saving'`)[0], { supplierName: "Toitures Martin SARL", amountTTC: 1200 })

          const { counted, kept } = yield* bookOf("firm")
          assert.deepStrictEqual(kept, counted)
          const { stdout } = yield* runWorker(folder, ["usage", "--tenant", "firm", "--json"], env)
          const rows = stdout.trim().split("\n").map((line) => months(line))
          assert.deepStrictEqual(rows.map(({ answered, cost, uncertain }) => [answered, uncertain, cost]).sort(), [[4, 1, 4 * 960], [4, 1, 4 * 1_500]])
          const { stdout: table } = yield* runWorker(folder, ["usage", "--tenant", "firm", "--invoice", "extraction"], env)
          assert.match(table, /extraction .*gpt-4\.1-mini .*uncertain/)
          heir.child.kill("SIGTERM")
          assert.strictEqual((yield* heir.ended).status, 0)
        }).pipe(Effect.provideContext(context))
      }).pipe(Effect.scoped), { timeout: 120_000 })
  }
)
