#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Clock, type Context, Effect, Layer } from "effect"
import * as Digest from "effect/crypto/Digest"
import { lookAtQueues, lookAtRedis } from "./layers/bullmq/lookAtQueues.ts"
import * as Queues from "./layers/bullmq/Queues.ts"
import * as EmbeddedDatabaseServer from "./layers/embedded/EmbeddedDatabaseServer.ts"
import * as GoogleVision from "./layers/google/GoogleVision.ts"
import { DateHolidays } from "./layers/holidays/DateHolidays.ts"
import * as InternetAddressGuard from "./layers/http/InternetAddressGuard.ts"
import * as LoopbackReceiver from "./layers/http/LoopbackReceiver.ts"
import * as OperationsServer from "./layers/http/OperationsServer.ts"
import * as ImapServers from "./layers/imap/ImapServers.ts"
import * as SharedLimits from "./layers/limits/SharedLimits.ts"
import * as OAuthCredentials from "./layers/oauth/OAuthCredentials.ts"
import * as Observability from "./layers/observability/Observability.ts"
import { lookAtCollector } from "./layers/observability/lookAtCollector.ts"
import { memoryStores } from "./layers/limits/memoryStores.ts"
import * as OpenAiModel from "./layers/openai/OpenAiModel.ts"
import * as ChildPagePictures from "./layers/pdf/ChildPagePictures.ts"
import * as ChildDocumentReader from "./layers/pdf/ChildDocumentReader.ts"
import { lookAtPostgres } from "./layers/postgres/lookAtPostgres.ts"
import * as PostgresLimitStores from "./layers/postgres/limits/PostgresLimitStores.ts"
import * as Tables from "./layers/postgres/Tables.ts"
import * as RuntimeMetrics from "./layers/process/RuntimeMetrics.ts"
import { exitStatus, packageFolder, processName, reportFailure, watchStopSignals } from "./layers/process/Process.ts"
import * as RedisLimitStores from "./layers/redis/RedisLimitStores.ts"
import * as RulesExtractor from "./layers/rules/RulesExtractor.ts"
import * as AesSealedSecrets from "./layers/secrets/AesSealedSecrets.ts"
import * as FileErasure from "./layers/storage/FileErasure.ts"
import * as FileListing from "./layers/storage/FileListing.ts"
import { lookAtStorage } from "./layers/storage/lookAtStorage.ts"
import * as Storage from "./layers/storage/Storage.ts"
import * as TesseractVision from "./layers/tesseract/TesseractVision.ts"
import * as UndiciWebhookSender from "./layers/webhook/UndiciWebhookSender.ts"
import * as Cli from "./programs/cli/commands.ts"
import { EmailSyncSettings } from "./programs/email-sync/syncMailbox.ts"
import { ClaimHolder } from "./programs/invoice-processing/InvoiceProcessing.ts"
import { Access } from "./programs/operations/Access.ts"
import { ConsoleFolder, type ConsoleNeeds, consoleRoutes } from "./programs/operations/console.ts"
import { healthRoutes } from "./programs/operations/health.ts"
import { Bulkhead } from "./programs/webhook-delivery/Bulkhead.ts"
import * as Worker from "./programs/worker.ts"
import { loadReadingSettings, loadSettings } from "./src/config/loadSettings.ts"
import type { ReadingSettings, Settings } from "./src/config/Settings.ts"
import * as PaidExtractor from "./src/paid/PaidExtractor.ts"
import * as PaidVision from "./src/paid/PaidVision.ts"
import { DatabaseServer } from "./src/services/DatabaseServer.ts"
import { InvoiceExtractor } from "./src/services/InvoiceExtractor.ts"
import { JobOutbox } from "./src/services/JobOutbox.ts"
import { isLoopback, OperationsAddress } from "./src/services/OperationsAddress.ts"
import { PagePictures } from "./src/services/PagePictures.ts"
import { PaidCalls } from "./src/services/PaidCalls.ts"
import { TraceUrl } from "./src/services/TraceUrl.ts"
import { Vision } from "./src/services/Vision.ts"
import { Readiness } from "./src/supervisor/Readiness.ts"
import * as Supervisor from "./src/supervisor/Supervisor.ts"
import { version } from "./src/version.ts"

const server = (settings: Settings, mode: "own" | "own-or-join") =>
  Cli.agreeOnBackends(settings).pipe(Layer.provideMerge(
    settings.database._tag === "external"
      ? DatabaseServer.external(settings.database.url, settings.database.migrations)
      : EmbeddedDatabaseServer.layer({ dataDir: settings.dataDir, mode })
  ))

/** The tables first: they wait for PostgreSQL, where the queues may be as well. */
const data = ({ queue, retention }: Settings, options: { readonly migrate: boolean; readonly waits: boolean }) =>
  Queues.layer({ queue, retention, ...options }).pipe(Layer.provideMerge(Tables.layer({ ...options, processName })))

/** Limits and breakers live where the queues do. */
const limits = ({ queue }: Settings) =>
  SharedLimits.layer.pipe(Layer.provide(queue._tag === "redis" ? RedisLimitStores.layer(queue) : PostgresLimitStores.layer))

const vision = ({ ocr, ocrConcurrency }: ReadingSettings) => {
  const offline = TesseractVision.layer({ concurrency: ocrConcurrency })
  if (ocr._tag === "tesseract") return offline
  return PaidVision.layer(ocr).pipe(Layer.provide([GoogleVision.layer(ocr), Layer.effect(PaidVision.OfflineVision, Vision).pipe(Layer.provide(offline))]))
}

const extractor = ({ extractor }: ReadingSettings) => {
  if (extractor._tag === "rules") return RulesExtractor.layer
  const offline = Layer.effect(PaidExtractor.OfflineExtractor, InvoiceExtractor).pipe(Layer.provide(RulesExtractor.layer))
  const pictures = extractor.pictures ? ChildPagePictures.layer : PagePictures.none
  return PaidExtractor.layer(extractor).pipe(Layer.provide([OpenAiModel.layer(extractor), pictures, offline]))
}

const readers = (settings: ReadingSettings) =>
  Layer.mergeAll(ChildDocumentReader.layer({ concurrency: 1 }), vision(settings), extractor(settings))

/** What deliveries to strangers go through; one endpoint gets a third of the places. */
const sending = ({ privateHosts, webhooks }: Settings) =>
  Layer.merge(
    UndiciWebhookSender.layer(webhooks).pipe(Layer.provide(InternetAddressGuard.live(privateHosts))),
    Bulkhead.layer(Math.ceil(webhooks.concurrency / 3))
  )

/** What a mailbox takes beside its tables: guarded connections to its server, logins, and the operator's limits. */
const mail = ({ mail: { keys, ports, providers, ...limits }, privateHosts }: Settings) =>
  Layer.mergeAll(
    ImapServers.layer({ ports }).pipe(Layer.provide(InternetAddressGuard.live(privateHosts))),
    OAuthCredentials.layer(providers).pipe(Layer.provideMerge(AesSealedSecrets.layer(keys)), Layer.provide(Digest.layerWebCrypto)),
    Layer.succeed(EmailSyncSettings, limits)
  )

/** All that programs and tree stand on; what is beside them can use it as well. */
const base = (settings: Settings, waits: boolean) =>
  Layer.mergeAll(Layer.provideMerge(Layer.mergeAll(readers(settings), sending(settings), mail(settings)), limits(settings)), DateHolidays, Digest.layerWebCrypto, Layer.succeed(ClaimHolder, processName)).pipe(
    Layer.provide(Layer.effectDiscard(JobOutbox.use(({ announceBackend }) => announceBackend(settings.queue._tag)))),
    Layer.provideMerge(Layer.mergeAll(data(settings, { migrate: settings.migrateOnStart, waits }), Storage.layer(settings)))
  )

const operations = ({ health, operators, opsHost, opsPort }: Settings) => (machinery: Effect.Effect<Context.Context<ConsoleNeeds>>) => [
  Supervisor.permanentChild("operations", OperationsServer.start({
    host: opsHost,
    port: opsPort,
    routes: Layer.merge(healthRoutes, consoleRoutes(machinery)).pipe(
      Layer.provide(Access.layer({ tokens: operators, local: isLoopback(opsHost) })),
      Layer.provide(Layer.succeed(ConsoleFolder, `${packageFolder}/console`))
    )
  })),
  ...(health === null ? [] : [
    Supervisor.permanentChild("health", Effect.provide(OperationsServer.start({ ...health, variables: OperationsServer.ofHealth, routes: healthRoutes }), Layer.fresh(OperationsAddress.layer)))
  ])
]

const start = Effect.gen(function*() {
  const startedAt = yield* Clock.currentTimeMillis
  const settings = yield* loadSettings
  const signals = yield* watchStopSignals(settings.shutdownGrace)
  const parts = { operations: operations(settings), ...Worker.parts(settings, processName) }
  const app = Cli.announceReady(settings, parts.consumers, startedAt).pipe(
    Layer.provideMerge(Supervisor.layer(parts, Worker.first(settings).pipe(Layer.provideMerge(base(settings, true))), { grace: settings.shutdownGrace, ...signals })),
    Layer.provide(Layer.mergeAll(Readiness.layer, OperationsAddress.layer, RuntimeMetrics.layer))
  )
  const run = DatabaseServer.use(({ died }) => Effect.raceFirst(Effect.provide(Supervisor.Supervisor.use(({ ended }) => ended), app), died))
  yield* Cli.announceSettings(settings).pipe(
    Effect.andThen(Effect.provide(run, server(settings, "own"))),
    Effect.provide(Observability.layer(settings)),
    Effect.provideService(TraceUrl, settings.traceUrl)
  )
}).pipe(Effect.scoped)

/** What a one-shot command needs; where a supervisor runs on the data folder, its database is joined. */
const command = <A, E, R>(needs: (settings: Settings) => Layer.Layer<A, E, R | DatabaseServer>, level: "warning" | "error" = "warning") =>
  Layer.unwrap(Effect.map(loadSettings, (settings) =>
    needs(settings).pipe(Layer.provide(server(settings, "own-or-join")), Layer.provideMerge(Observability.quietLayer(settings, level)))))

const readersAlone = Layer.unwrap(Effect.map(loadReadingSettings, (settings) =>
  readers(settings).pipe(
    Layer.provide([PaidCalls.none, SharedLimits.layer.pipe(Layer.provide(memoryStores))]),
    Layer.provideMerge(Observability.quietLayer(settings, "warning"))
  )))

const oneShot = (settings: Settings) => data(settings, { migrate: settings.migrateOnStart, waits: false })

const mailbox = (settings: Settings) =>
  mail(settings).pipe(Layer.provideMerge(Layer.mergeAll(limits(settings), Digest.layerWebCrypto, Storage.layer(settings))), Layer.provideMerge(oneShot(settings)))

const alone = (settings: Settings) =>
  Supervisor.layer({ operations: null, ...Worker.parts({ ...settings, startPaused: false }, processName) }, base(settings, false), Supervisor.atOnce).pipe(Layer.provide(Readiness.layer))

/** The demo brings its own consumers, unless a supervisor that it has joined has them. */
const machinery = (settings: Settings) =>
  Layer.unwrap(DatabaseServer.useSync(({ joined }) =>
    joined
      ? Layer.mergeAll(oneShot(settings), Storage.layer(settings))
      : alone(Cli.besideReceiver(settings)))).pipe(Layer.provideMerge(LoopbackReceiver.layer))

/** What `doctor` looks at: each by itself, so that one that is away hides no other. */
const looks = (settings: Settings): Cli.Looks => {
  const { extractor, migrateOnStart, ocr, queue, retention } = settings
  const inDatabase = <A, E>(look: Effect.Effect<A, E, DatabaseServer>) => Effect.provide(look, server(settings, "own-or-join"))
  return {
    database: inDatabase(lookAtPostgres({ migrateOnStart })),
    queue: queue._tag === "redis"
      ? lookAtRedis({ ...queue, retention })
      : inDatabase(Effect.provide(lookAtQueues({ migrateOnStart }), data(settings, { migrate: false, waits: false }))),
    storage: lookAtStorage(settings),
    "text recognition": ocr._tag === "tesseract"
      ? Effect.provide(Cli.lookAtVision, TesseractVision.layer({ concurrency: 1 }))
      : Effect.provide(Cli.lookAtRecognition, GoogleVision.layer(ocr)),
    "field extraction": extractor._tag === "rules"
      ? Effect.provide(Cli.lookAtExtractor, RulesExtractor.layer)
      : Effect.provide(Cli.lookAtModel, OpenAiModel.layer(extractor)),
    traces: lookAtCollector(settings.telemetry)
  }
}

const dependencies = Layer.unwrap(Effect.map(loadSettings, (settings) =>
  Cli.dependencies(settings, looks(settings)).pipe(Layer.provideMerge(Observability.quietLayer(settings, "error")))))

const program = Cli.runCommandLine({
  start,
  tables: command((settings) => data(settings, { migrate: true, waits: false })),
  queues: command(oneShot),
  mailbox: command(mailbox),
  readers: readersAlone,
  stores: command((settings) => Layer.merge(oneShot(settings), FileListing.layer(settings))),
  erasure: command((settings) => Layer.merge(oneShot(settings), FileErasure.layer(settings))),
  machinery: command(machinery, "error"),
  dependencies,
  samplesFolder: `${packageFolder}/samples`,
  version
}).pipe(reportFailure, Effect.provide(NodeServices.layer))

NodeRuntime.runMain(program, { disableErrorReporting: true, teardown: exitStatus })
