import { Clock, Console, Effect, Layer } from "effect"
import * as HttpServer from "effect/http/HttpServer"
import type { Settings } from "../../src/config/Settings.ts"
import { Supervisor } from "../../src/supervisor/Supervisor.ts"
import { version } from "../../src/version.ts"
import { describeSettings, servicesOf } from "./describeSettings.ts"

/** What runs, before anything is waited for: a table for people, one line of the log for machines. */
export const announceSettings = (settings: Settings) =>
  settings.logFormat === "pretty"
    ? Console.log(`tt-worker ${version}\n\n${describeSettings(settings)}\n`)
    : Effect.annotateLogs(
      Effect.logInfo(`tt-worker ${version} starts`),
      Object.fromEntries(servicesOf(settings).map(([service, now]) => [service, now]))
    )

/** The line that says that jobs are taken now. */
export const announceReady = (settings: Settings, startedAt: number) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const server = yield* HttpServer.HttpServer
    const { started } = yield* Supervisor
    yield* started
    const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
    const ready = `Ready after ${seconds.toFixed(1)} s: invoice-processing, ${settings.concurrency} at once; ${HttpServer.formatAddress(server.address)}/health/ready`
    yield* settings.logFormat === "pretty" ? Console.log(`${ready}. Ctrl-C drains and stops.`) : Effect.logInfo(ready)
  }))
