#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Clock, Effect, Layer } from "effect"
import * as Command from "effect/cli/Command"
import * as Digest from "effect/crypto/Digest"
import * as Queues from "./layers/bullmq/Queues.ts"
import * as EmbeddedDatabaseServer from "./layers/embedded/EmbeddedDatabaseServer.ts"
import * as GoogleVision from "./layers/google/GoogleVision.ts"
import { DateHolidays } from "./layers/holidays/DateHolidays.ts"
import * as OperationsServer from "./layers/http/OperationsServer.ts"
import * as SharedLimits from "./layers/limits/SharedLimits.ts"
import * as Observability from "./layers/observability/Observability.ts"
import * as OpenAiExtractor from "./layers/openai/OpenAiExtractor.ts"
import * as ChildDocumentReader from "./layers/pdf/ChildDocumentReader.ts"
import * as PostgresLimitStores from "./layers/postgres/limits/PostgresLimitStores.ts"
import * as Tables from "./layers/postgres/Tables.ts"
import { exitStatus, packageFolder, processName, reportFailure, watchStopSignals } from "./layers/process/Process.ts"
import * as RedisLimitStores from "./layers/redis/RedisLimitStores.ts"
import * as RulesExtractor from "./layers/rules/RulesExtractor.ts"
import * as Storage from "./layers/storage/Storage.ts"
import * as TesseractVision from "./layers/tesseract/TesseractVision.ts"
import { Automation, type AutomationServices } from "./programs/automation/Automation.ts"
import { followConfigs } from "./programs/automation/followConfigs.ts"
import { forgetAutomationRunsSchedule, forgetAutomationRunsTask } from "./programs/automation/forgetRuns.ts"
import * as Cli from "./programs/cli/commands.ts"
import { ClaimHolder, InvoiceProcessing, type InvoiceProcessingServices } from "./programs/invoice-processing/InvoiceProcessing.ts"
import { relayOutbox } from "./programs/outbox/relay.ts"
import { healthRoutes } from "./programs/operations/health.ts"
import { runReconciler } from "./programs/reconciler/runReconciler.ts"
import { runScheduler } from "./programs/scheduler/Scheduler.ts"
import { loadReadingSettings, loadSettings } from "./src/config/loadSettings.ts"
import type { ReadingSettings, Settings } from "./src/config/Settings.ts"
import type { AutomationConfigs } from "./src/services/AutomationConfigs.ts"
import type { AutomationRuns } from "./src/services/AutomationRuns.ts"
import { DatabaseServer } from "./src/services/DatabaseServer.ts"
import type { DueRuns } from "./src/services/DueRuns.ts"
import { JobOutbox } from "./src/services/JobOutbox.ts"
import type { JobProducer } from "./src/services/JobProducer.ts"
import type { Outbox } from "./src/services/Outbox.ts"
import type { Reconciliation } from "./src/services/Reconciliation.ts"
import type { Schedules } from "./src/services/Schedules.ts"
import type { TimeSheets } from "./src/services/TimeSheets.ts"
import { runAttempt } from "./src/supervisor/attempt.ts"
import type { ChildSpec } from "./src/supervisor/ChildSpec.ts"
import { ConsumerBoard } from "./src/supervisor/consumer/ConsumerBoard.ts"
import type { ConsumerOptions } from "./src/supervisor/consumer/QueueConsumer.ts"
import { LiveControls } from "./src/supervisor/consumer/LiveControls.ts"
import { Solitude } from "./src/supervisor/consumer/Solitude.ts"
import { startPresence } from "./src/supervisor/presence.ts"
import { Readiness } from "./src/supervisor/Readiness.ts"
import * as Supervisor from "./src/supervisor/Supervisor.ts"
import { version } from "./src/version.ts"

const server = (settings: Settings, mode: "own" | "own-or-join") =>
  Cli.agreeOnBackends(settings).pipe(Layer.provideMerge(
    settings.database._tag === "external"
      ? DatabaseServer.external(settings.database.url)
      : EmbeddedDatabaseServer.layer({ dataDir: settings.dataDir, mode })
  ))

/** The tables first: they wait for PostgreSQL, where the queues may be as well. */
const data = ({ queue, retention }: Settings, options: { readonly migrate: boolean; readonly waits: boolean }) =>
  Queues.layer({ queue, retention, ...options }).pipe(Layer.provideMerge(Tables.layer({ ...options, processName })))

/** Limits and breakers live where the queues do. */
const limits = ({ queue }: Settings) =>
  SharedLimits.layer.pipe(Layer.provide(queue._tag === "redis" ? RedisLimitStores.layer(queue) : PostgresLimitStores.layer))

const readers = ({ extractor, ocr, ocrConcurrency }: ReadingSettings) =>
  Layer.mergeAll(
    ChildDocumentReader.layer({ concurrency: 1 }),
    ocr._tag === "tesseract" ? TesseractVision.layer({ concurrency: ocrConcurrency }) : GoogleVision.layer(ocr),
    extractor._tag === "rules" ? RulesExtractor.layer : OpenAiExtractor.layer(extractor)
  )

/** What keeps queues and tables in order beside the consumers; each catches up by itself after an outage or restart. */
const upkeep: ReadonlyArray<ChildSpec<never, DueRuns | Schedules | Outbox | Reconciliation | JobProducer | AutomationConfigs | AutomationRuns | TimeSheets>> = [
  Supervisor.permanentChild("scheduler", Effect.succeed(runScheduler({
    by: processName,
    tasks: [forgetAutomationRunsTask],
    schedules: [forgetAutomationRunsSchedule]
  }))),
  Supervisor.permanentChild("automation-configs", Effect.succeed(followConfigs)),
  Supervisor.permanentChild("outbox-relay", Effect.succeed(relayOutbox)),
  Supervisor.permanentChild("reconciler", Effect.succeed(runReconciler))
]

/** What runs for each queue that has a program. */
const consumers = (settings: Settings): ReadonlyArray<ConsumerOptions<InvoiceProcessingServices | AutomationServices>> => [
  { queue: InvoiceProcessing.queue, concurrency: settings.concurrency, tenantLimit: settings.tenantConcurrency, handle: runAttempt(InvoiceProcessing) },
  { queue: Automation.queue, concurrency: settings.automationConcurrency, tenantLimit: settings.tenantConcurrency, handle: runAttempt(Automation) }
]

/** The tree of every consumer, on everything it needs; what it stands on can be used beside it. */
const supervisor = (settings: Settings, waits: boolean, hurry: Effect.Effect<void>) =>
  Supervisor.layer({
    presence: Supervisor.permanentChild("presence", startPresence),
    consumers: consumers(settings),
    upkeep
  }, { grace: settings.shutdownGrace, hurry }).pipe(
    Layer.provide(Layer.effectDiscard(JobOutbox.use(({ announceBackend }) => announceBackend(settings.queue._tag)))),
    Layer.provide(Layer.mergeAll(
      readers(settings),
      DateHolidays,
      Digest.layerWebCrypto,
      Layer.succeed(ClaimHolder, processName),
      ConsumerBoard.layer,
      LiveControls.layer,
      Solitude.layer
    )),
    Layer.provide(limits(settings)),
    Layer.provideMerge(Layer.mergeAll(data(settings, { migrate: settings.migrateOnStart, waits }), Storage.layer(settings)))
  )

const start = Effect.gen(function*() {
  const startedAt = yield* Clock.currentTimeMillis
  const settings = yield* loadSettings
  const { hurry } = yield* watchStopSignals(settings.shutdownGrace)
  const app = Cli.announceReady(settings, startedAt).pipe(
    Layer.provideMerge(supervisor(settings, true, hurry)),
    Layer.provideMerge(OperationsServer.layer({ host: settings.opsHost, port: settings.opsPort, routes: healthRoutes })),
    Layer.provide(Readiness.layer)
  )
  const run = DatabaseServer.use(({ died }) => Effect.raceFirst(Effect.provide(Supervisor.Supervisor.use(({ ended }) => ended), app), died))
  yield* Cli.announceSettings(settings).pipe(
    Effect.andThen(Effect.provide(run, server(settings, "own"))),
    Effect.provide(Observability.layer(settings))
  )
}).pipe(Effect.scoped)

/** What a one-shot command needs; where a supervisor runs on the data folder, its database is joined. */
const command = <A, E, R>(needs: (settings: Settings) => Layer.Layer<A, E, R | DatabaseServer>, level: "warning" | "error" = "warning") =>
  Layer.unwrap(Effect.map(loadSettings, (settings) =>
    needs(settings).pipe(Layer.provide(server(settings, "own-or-join")), Layer.provideMerge(Observability.quietLayer(settings, level)))))

const readersAlone = Layer.unwrap(Effect.map(loadReadingSettings, (settings) =>
  readers(settings).pipe(Layer.provideMerge(Observability.quietLayer(settings, "warning")))))

const oneShot = (settings: Settings) => data(settings, { migrate: settings.migrateOnStart, waits: false })

/** The demo brings its own consumers, unless a supervisor that it has joined has them. */
const machinery = (settings: Settings) =>
  Layer.unwrap(DatabaseServer.useSync(({ joined }) =>
    joined
      ? Layer.mergeAll(oneShot(settings), Storage.layer(settings))
      : supervisor(settings, false, Effect.void).pipe(Layer.provide(Readiness.layer))))

const cli = Command.make("tt-worker", {}, () => start).pipe(
  Command.withDescription("The background worker of TT Time Tracker"),
  Command.withSubcommands([
    Command.make("start", {}, () => start).pipe(Command.withDescription("Run the supervisor until SIGTERM or Ctrl-C (the default)")),
    Cli.migrate.pipe(Command.provide(command((settings) => data(settings, { migrate: true, waits: false })))),
    Cli.enqueue.pipe(Command.provide(command(oneShot))),
    Cli.pause.pipe(Command.provide(command(oneShot))),
    Cli.resume.pipe(Command.provide(command(oneShot))),
    Cli.concurrency.pipe(Command.provide(command(oneShot))),
    Cli.reprocess.pipe(Command.provide(command(oneShot))),
    Cli.undoAutomation.pipe(Command.provide(command(oneShot))),
    Cli.reconcile.pipe(Command.provide(command(oneShot))),
    Cli.extract.pipe(Command.provide(readersAlone)),
    Cli.demo.pipe(Command.provide(command(machinery, "error")), Command.provide(Layer.succeed(Cli.SamplesFolder, `${packageFolder}/samples`)))
  ])
)

const program = Command.run(cli, { version }).pipe(reportFailure, Effect.provide(NodeServices.layer))
NodeRuntime.runMain(program, { disableErrorReporting: true, teardown: exitStatus })
