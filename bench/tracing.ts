import { Effect, Layer, Logger } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"
import * as Telemetry from "../layers/observability/Telemetry.ts"
import { RunningWork } from "../src/services/RunningWork.ts"
import { runAttempt } from "../src/supervisor/attempt.ts"
import { onPostgres, onRedis, QueueServer } from "../test/layers/bullmq/QueueServer.ts"
import { consumeFrom } from "../test/layers/bullmq/workbench.ts"
import { toyProgram } from "../test/src/supervisor/toyProgram.ts"
import { until } from "../test/support/until.ts"

/**
 * What tracing costs: `node bench/tracing.ts [redis|postgres] [ROUNDS]` prints jobs per second of jobs that do nothing, on a
 * real queue, with the telemetry off as it is without an endpoint, with it on (traces of all jobs, metrics and logs to a
 * collector in another process), and without any span. Measured in turns, so that what else runs on the machine hits all
 * alike; rates and ratios are medians, each ratio to its own round. About two minutes.
 */
const concurrency = 20
const jobs = 4_000

type Mode = "off" | "on" | "bare"

interface Measured {
  readonly perSecond: number
  readonly cpuMicros: number
}

const measure = (mode: Mode, collector: URL): Effect.Effect<Measured, never, QueueServer> =>
  Effect.scoped(Effect.gen(function*() {
    const { backend, openQueue } = yield* (yield* QueueServer).newPlace
    const queue = yield* openQueue("email-sync")
    yield* Effect.promise(() => queue.addBulk(Array.from({ length: jobs }, () => ({ name: "job", data: { tenantId: "t1" } }))))
    const handle = runAttempt(toyProgram().program)
    let ended = 0
    const began = performance.now()
    const cpuBefore = process.cpuUsage()
    yield* consumeFrom(backend, "email-sync", (attempt) =>
      (mode === "bare" ? Effect.withTracerEnabled(handle(attempt), false) : handle(attempt)).pipe(Effect.tap(() => Effect.sync(() => void ended++))), concurrency)
    yield* until(Effect.sync(() => ended), (seen) => seen >= jobs, 60_000)
    const { system, user } = process.cpuUsage(cpuBefore)
    return { perSecond: jobs / ((performance.now() - began) / 1000), cpuMicros: (system + user) / jobs }
  })).pipe(
    Effect.provide(Telemetry.layer({
      endpoint: mode === "on" ? collector : null,
      headers: {},
      protocol: "http/protobuf",
      serviceName: "tt-worker",
      traces: { ratio: 1, sql: false }
    })),
    Effect.provide(RunningWork.layer)
  )

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const server = process.argv[2] === "postgres" ? { name: "PostgreSQL", layer: onPostgres } : { name: "Redis", layer: onRedis }
const rounds = Number(process.argv[3] ?? 9)

const orders: ReadonlyArray<ReadonlyArray<Mode>> = [["off", "on", "bare"], ["on", "bare", "off"], ["bare", "off", "on"]]

const collector = Effect.acquireRelease(
  Effect.promise(async () => {
    const child = fork(fileURLToPath(new URL("support/otlpSink.ts", import.meta.url)), { stdio: ["ignore", "pipe", "inherit", "ipc"] })
    const [port]: ReadonlyArray<unknown> = child.stdout === null ? [] : await once(child.stdout.setEncoding("utf8"), "data")
    return { child, url: new URL(`http://127.0.0.1:${String(port).trim()}`) }
  }),
  ({ child }) => Effect.sync(() => child.kill())
)

const program = Effect.gen(function*() {
  const { url } = yield* collector
  yield* measure("on", url)
  const seen = yield* Effect.forEach(Array.from({ length: rounds }, (_, round) => orders[round % orders.length] ?? []), (order) =>
    Effect.map(Effect.forEach(order, (mode) => Effect.map(measure(mode, url), (measured) => [mode, measured] as const)), (all) => new Map(all)))
  const all = (mode: Mode, of: keyof Measured) => seen.map((round) => round.get(mode)?.[of] ?? Number.NaN)
  const ratio = (mode: Mode, of: keyof Measured) => {
    const ratios = seen.map((round) => (round.get(mode)?.[of] ?? Number.NaN) / (round.get("off")?.[of] ?? Number.NaN)).toSorted((a, b) => a - b)
    return `${median(ratios).toFixed(2)} (${(ratios[0] ?? Number.NaN).toFixed(2)} to ${(ratios.at(-1) ?? Number.NaN).toFixed(2)})`
  }
  const row = (what: string, mode: Mode) =>
    `| ${what} | ${median(all(mode, "perSecond")).toFixed(0)} | ${ratio(mode, "perSecond")} | ${median(all(mode, "cpuMicros")).toFixed(0)} | ${ratio(mode, "cpuMicros")} |`
  process.stdout.write([
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.version}, ${rounds} rounds of ${jobs} jobs that do nothing, ${concurrency} at once, ${server.name}.`,
    "",
    "| telemetry | jobs/s | ratio | µs of CPU a job | ratio |",
    "|---|---|---|---|---|",
    row("off (no endpoint; spans tell the console what runs)", "off"),
    row("on, every trace, with metrics and logs", "on"),
    row("no spans at all", "bare"),
    ""
  ].join("\n"))
}).pipe(Effect.scoped, Effect.provide(Layer.merge(server.layer, Logger.layer([]))))

await Effect.runPromise(program)
process.exit(0)
