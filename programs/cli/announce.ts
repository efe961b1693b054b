import { Clock, Console, Effect, Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { OperationsAddress } from "../../src/services/OperationsAddress.ts"
import type { ConsumerOptions } from "../../src/supervisor/consumer/QueueConsumer.ts"
import { Readiness } from "../../src/supervisor/Readiness.ts"
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
export const announceReady = (settings: Settings, consumers: ReadonlyArray<Pick<ConsumerOptions<never>, "queue" | "concurrency">>, startedAt: number) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { ready } = yield* Readiness
    yield* ready
    const address = yield* OperationsAddress.now
    const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
    const queues = consumers.map(({ concurrency, queue }) => `${queue}, ${concurrency} at once`).join("; ") || "no queue"
    const health = address === null ? "/health is not served yet, see above" : `${address}/health/ready`
    const line = `Ready after ${seconds.toFixed(1)} s: ${queues}; ${health}`
    yield* settings.logFormat === "pretty" ? Console.log(`${line}. Ctrl-C drains and stops.`) : Effect.logInfo(line)
  }))
