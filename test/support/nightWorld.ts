import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as http from "node:http"
import { Client } from "pg"
import { freePort } from "../../layers/embedded/freePort.ts"
import * as S3Storage from "../../layers/storage/S3Storage.ts"
import { StorageKey } from "../../src/domain/ids.ts"
import { emitEvent, enqueueAutomation, enqueueEmailSync, enqueueInvoiceProcessing } from "../../src/producer/index.ts"
import { ObjectStorage } from "../../src/services/ObjectStorage.ts"
import { emulatedMailbox } from "../emulators/imap.ts"
import { startOpenAi } from "../emulators/openai.ts"
import { startS3 } from "../emulators/s3.ts"
import { startVision } from "../emulators/vision.ts"
import { goodAnswer, invoiceWords, newPhoto } from "./cloudWorld.ts"
import { mailWith } from "./mails.ts"
import { startOtlpReceiver } from "./otlpReceiver.ts"
import { OwnPostgres } from "./ownPostgres.ts"
import { type Received, receiver } from "./receiver.ts"
import { tempDir } from "./tempDir.ts"
import { runWorker, startWorker } from "./worker.ts"

/** Secrets as operators and tenants give them; none may be found in anything that is told. */
export const planted = {
  openAiKey: "sk-planted-openai-key",
  visionKey: "planted-vision-key",
  operators: "planted-token-of-operators",
  collector: "planted-key-of-the-collector",
  mailPassword: "planted-mail-password",
  webhookPath: "planted-webhook-path",
  webhookQuery: "planted-webhook-query",
  webhookSecret: "whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldA==",
  payload: "planted-payload-of-an-entry",
  mailText: "planted-words-of-a-mail"
} as const

/** What stands on the invoices that the emulated providers read. */
export const invoiceTexts = ["Toitures Martin", "FA-2026-0147", "1200.00", "1200,00"]

/** The producer's own span, in the API. */
export const producers = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" } as const
const traceparent = `00-${producers.traceId}-${producers.spanId}-01`

/**
 * The real worker between emulated services, all of them reached by their own wires, and a collector that it tells
 * everything; one tenant with an invoice in the storage, a mailbox, an automation and a webhook.
 */
export const nightWorld = (options: {
  readonly receive?: (request: Received, response: http.ServerResponse) => void
  readonly environment?: Readonly<Record<string, string>>
} = {}) =>
  Effect.gen(function*() {
    const [vision, openAi, s3, collector] = yield* Effect.all([startVision, startOpenAi, startS3, startOtlpReceiver])
    const mailbox = yield* emulatedMailbox([mailWith({ subject: planted.mailText }), mailWith({ subject: `${planted.mailText} too` })].map((mail) => Buffer.from(mail)))
    const subscriber = yield* receiver(options.receive)
    vision.answerImage = () => ({ fullTextAnnotation: invoiceWords })
    openAi.replies = [{ kind: "answer", content: goodAnswer }]

    const url = yield* (yield* OwnPostgres).makeDatabase
    const folder = yield* tempDir
    const port = yield* freePort
    const environment = {
      DATABASE_URL: Redacted.value(url),
      QUEUE: "postgres",
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: s3.bucket,
      S3_ACCESS_KEY_ID: s3.account.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.account.secretAccessKey,
      GOOGLE_VISION_API_KEY: planted.visionKey,
      GOOGLE_VISION_ENDPOINT: `http://127.0.0.1:${vision.endpoint.port}`,
      OPENAI_API_KEY: planted.openAiKey,
      OPENAI_BASE_URL: openAi.baseUrl,
      MAIL_PORTS: String(mailbox.port),
      ALLOWED_PRIVATE_HOSTS: "localhost, 127.0.0.1",
      OPS_PORT: String(port),
      OPS_TOKEN: planted.operators,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint.href,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${planted.collector}`,
      LOG_FORMAT: "json",
      LOG_LEVEL: "debug",
      ...options.environment
    }
    const migrated = yield* runWorker(folder, ["migrate"], environment)
    if (migrated.status !== 0) return yield* Effect.die(new Error(migrated.stderr))
    const sql = yield* Layer.build(PgClient.layer({ url, maxConnections: 2 }))
    const storage = yield* Layer.build(S3Storage.layer({
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      accessKeyId: Redacted.make(s3.account.accessKeyId),
      secretAccessKey: Redacted.make(s3.account.secretAccessKey),
      forcePathStyle: true
    }))
    const client = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const opened = new Client({ connectionString: Redacted.value(url) })
        await opened.connect()
        return opened
      }),
      (opened) => Effect.promise(() => opened.end())
    )

    const account = (password: string) =>
      JSON.stringify({ id: "box", email: "factures@firme.example", host: mailbox.host, port: mailbox.port, user: mailbox.user, password, tls: { ca: mailbox.ca }, lookBackDays: 3650, intervalMinutes: 1440 })
    const prepare = (mailPassword = mailbox.password) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO tenants (id, name, features, "emailSettings") VALUES ('t', 'Firm', '{"invoices": true}', ${account(mailPassword)}::text::jsonb)`
        yield* sql`INSERT INTO tenant_users (id, "tenantId", name) VALUES ('u', 't', 'Ada Field')`
        yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret, events)
          VALUES ('w', 't', ${`${subscriber.url}/${planted.webhookPath}?token=${planted.webhookQuery}`}, ${planted.webhookSecret}, '{entry.approved}')`
      })
    /** A row and its photo; no two photos are the same file. */
    const addInvoice = (id: string) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const storage = yield* ObjectStorage
        yield* storage.put(StorageKey.make(`files/${id}.jpg`), yield* newPhoto, "image/jpeg")
        yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES (${id}, 't', ${`files/${id}.jpg`})`
      })
    return {
      vision,
      openAi,
      s3,
      collector,
      mailbox,
      subscriber,
      environment,
      folder,
      base: `http://127.0.0.1:${port}`,
      start: startWorker(folder, [], environment),
      command: (...args: ReadonlyArray<string>) => runWorker(folder, args, environment),
      prepare: (mailPassword?: string) => prepare(mailPassword).pipe(Effect.provideContext(sql)),
      addInvoice: (id: string) => addInvoice(id).pipe(Effect.provideContext(sql), Effect.provideContext(storage)),
      processInvoice: (invoiceId: string) => Effect.promise(() => enqueueInvoiceProcessing(client, { tenantId: "t", invoiceId }, { traceparent })),
      /** A job for each other program, in its producer's trace. */
      produce: Effect.promise(async () => {
        await enqueueEmailSync(client, { tenantId: "t" }, { traceparent })
        await enqueueAutomation(client, { tenantId: "t", tenantUserId: "u" }, { traceparent })
        await emitEvent(client, { tenantId: "t", event: "entry.approved", payload: { note: planted.payload }, traceparent })
      }),
      query: (text: string) => Effect.promise(async () => (await client.query<Record<string, unknown>>(text)).rows)
    }
  })
export type NightWorld = Effect.Success<ReturnType<typeof nightWorld>>
