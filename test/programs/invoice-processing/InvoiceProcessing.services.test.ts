import { assert, layer } from "@effect/vitest"
import { Queue } from "bullmq"
import { Duration, Effect, Layer, Logger, Redacted, Schema } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SqlClient from "effect/sql/SqlClient"
import { readFile } from "node:fs/promises"
import { redisBackend } from "../../../layers/bullmq/backends.ts"
import { BullmqJobQueues } from "../../../layers/bullmq/BullmqJobQueue.ts"
import * as ChildDocumentReader from "../../../layers/pdf/ChildDocumentReader.ts"
import { packageFolder } from "../../../layers/process/packageFolder.ts"
import * as RulesExtractor from "../../../layers/rules/RulesExtractor.ts"
import * as S3Storage from "../../../layers/storage/S3Storage.ts"
import * as TesseractVision from "../../../layers/tesseract/TesseractVision.ts"
import { InvoiceProcessing } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { StorageKey } from "../../../src/domain/ids.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { RunningWork } from "../../../src/services/RunningWork.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { Readiness } from "../../../src/supervisor/Readiness.ts"
import * as Supervisor from "../../../src/supervisor/Supervisor.ts"
import { startS3 } from "../../emulators/s3.ts"
import { newInvoice, ownTables } from "../../support/invoiceTables.ts"
import { OwnRedis } from "../../support/ownRedis.ts"
import { until } from "../../support/until.ts"

const storage = Layer.unwrap(Effect.map(startS3, ({ account, bucket, endpoint }) =>
  S3Storage.layer({
    endpoint,
    bucket,
    accessKeyId: Redacted.make(account.accessKeyId),
    secretAccessKey: Redacted.make(account.secretAccessKey),
    forcePathStyle: true
  })))

const consumer = Layer.unwrap(Effect.map(OwnRedis, ({ url }) => Layer.provide(BullmqJobQueues, redisBackend({ url, label: "own Redis", waits: true, retention: defaultRetention }))))

const base = Layer.mergeAll(
  consumer,
  ChildDocumentReader.layer({ concurrency: 1 }),
  TesseractVision.layer({ concurrency: 1 }),
  RulesExtractor.layer,
  Digest.layerWebCrypto
).pipe(Layer.provideMerge(Layer.merge(ownTables, storage)))

const supervisor = Supervisor.layer({
  operations: null,
  consumers: [{ queue: InvoiceProcessing.queue, concurrency: 2, tenantLimit: null, handle: runAttempt(InvoiceProcessing) }],
  upkeep: []
}, base, { grace: Duration.seconds(5), hurry: Effect.never, drained: Effect.void }).pipe(
  Layer.provide(Layer.merge(Readiness.layer, RunningWork.layer)),
  Layer.provideMerge(OwnRedis.layer),
  Layer.provide(Logger.layer([]))
)

const Samples = Schema.fromJsonString(Schema.Array(Schema.Struct({
  file: Schema.String,
  expected: Schema.String,
  source: Schema.optionalKey(Schema.NullOr(Schema.String)),
  fields: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.NullOr(Schema.String))))
})))

/** BullMQ alone, as the API uses it. */
const openQueue = Effect.acquireRelease(
  OwnRedis.useSync(({ url }) => new Queue(QUEUE_NAMES.INVOICE_PROCESSING, { connection: { url: Redacted.value(url) } })),
  (queue) => Effect.promise(() => queue.close())
)

layer(supervisor, { excludeTestServices: true })("Redis, PostgreSQL and S3 together", (it) => {
  it.effect("a job that the API adds comes out as a processed row, for each of the samples", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const files = yield* ObjectStorage
      const queue = yield* openQueue
      const read = (name: string) => Effect.promise(() => readFile(`${packageFolder}/samples/${name}`))
      const samples = yield* Schema.decodeUnknownEffect(Samples)((yield* read("samples.json")).toString())
      assert.isAtLeast(samples.length, 4)
      for (const { expected, fields, file, source } of samples) {
        const fileKey = `tenant/2026/11/${file}`
        yield* files.put(StorageKey.make(fileKey), yield* read(file), "application/octet-stream")
        const data = yield* newInvoice({ fileKey })
        const job = yield* Effect.promise(() => queue.add("traiter", data))
        const state = yield* until(Effect.promise(() => queue.getJobState(job.id ?? "")), (seen) => seen === "completed" || seen === "failed", 40_000)
        const [row] = yield* sql`SELECT status, "readingSource", "errorMessage", "supplierName", "invoiceNumber", "invoiceDate"::text, currency,
          "amountHT"::text, "amountTVA"::text, "amountTTC"::text, iban FROM invoices WHERE id = ${data.invoiceId}`
        assert.strictEqual(row?.["status"], expected, file)
        assert.strictEqual(state, expected === "processed" ? "completed" : "failed", file)
        if (expected === "error") {
          assert.isNotEmpty(row?.["errorMessage"], file)
          continue
        }
        assert.strictEqual(row?.["readingSource"], source, file)
        for (const name of ["supplierName", "invoiceNumber", "invoiceDate", "currency", "amountHT", "amountTVA", "amountTTC", "iban"]) {
          // A photograph may leave a field unknown; what is read must be right.
          if (source !== "ocr" || row?.[name] !== null) assert.strictEqual(row?.[name], fields?.[name], `${file}: ${name}`)
        }
        assert.isNotNull(row?.["amountTTC"], file)
      }
    }))
})
