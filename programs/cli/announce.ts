import { Clock, Console, Effect, Layer } from "effect"
import * as HttpServer from "effect/http/HttpServer"
import type { Settings } from "../../src/config/Settings.ts"
import { version } from "../../src/version.ts"
import { describeSettings } from "./describeSettings.ts"

/** The table of what runs, before anything is waited for. */
export const announceSettings = (settings: Settings) =>
  Console.log(`tt-worker ${version}\n\n${describeSettings(settings)}\n`)

/** The line that says that jobs are taken now. */
export const announceReady = (options: { readonly startedAt: number; readonly concurrency: number }) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const server = yield* HttpServer.HttpServer
    const seconds = ((yield* Clock.currentTimeMillis) - options.startedAt) / 1000
    yield* Console.log(
      `Ready after ${seconds.toFixed(1)} s: invoice-processing, ${options.concurrency} at once; ${HttpServer.formatAddress(server.address)}/health/ready. Ctrl-C drains and stops.`
    )
  }))
