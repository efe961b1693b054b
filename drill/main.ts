import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { parseArgs } from "node:util"
import { Cause, Console, Duration, Effect, Exit } from "effect"
import type { Backend } from "../chaos/load/Producer.ts"
import { exitStatusOf, failures, markdownTable, textTable } from "../chaos/report.ts"
import { runAll } from "../chaos/runAll.ts"
import type { Result } from "../chaos/runScenario.ts"
import { thisRelease } from "../chaos/workers/WorkerProcess.ts"
import { plan } from "./catalogue.ts"
import { openDrillLane } from "./openLane.ts"
import { canMount } from "./smallDisk.ts"

/**
 * `npm run drill -- [NAME] [--backend redis|postgres] [--seed N] [--markdown] [--list]`: what an operator does to the
 * servers, or has done to them, on real processes of dist/main.js, a real Redis and a real PostgreSQL. NAME is a pattern
 * in a drill's name. Needs `npm run build` before and `redis-server` on the machine. Exit status 0 when every promise held.
 */
const usage = "usage: npm run drill -- [NAME] [--backend redis|postgres] [--seed N] [--markdown] [--list]"

/** All of them; each by itself takes at most a few minutes. */
const budget = Duration.minutes(40)

const backendNamed = (name: string | undefined): Backend | null => {
  if (name === undefined) return null
  if (name === "redis" || name === "postgres") return name
  throw new Error(`--backend is redis or postgres, not ${name}`)
}

const readOptions = () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string" }, backend: { type: "string" }, markdown: { type: "boolean", default: false }, list: { type: "boolean", default: false } }
  })
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
  if (!Number.isInteger(seed)) throw new Error("--seed is a whole number")
  return { ...values, backend: backendNamed(values.backend), seed, only: positionals.length === 0 ? null : positionals.join(" ") }
}

const program: Effect.Effect<0 | 1, Error> = Effect.gen(function*() {
  const options = yield* Effect.try({ try: readOptions, catch: (cause) => new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`) })
  const groups = plan(options.only, options.backend)
  if (options.list) {
    yield* Console.log(groups.flatMap(({ planned }) => planned.map(({ backend, scenario }) => `${scenario.name}, ${backend}`)).join("\n"))
    return 0
  }
  if (groups.length === 0) return yield* Effect.fail(new Error("no drill fits"))
  if (!existsSync(thisRelease)) return yield* Effect.fail(new Error("there is no dist/main.js: npm run build"))

  const logs = mkdtempSync(path.join(tmpdir(), "tt-worker-drill-"))
  yield* Console.log(`seed ${options.seed}; the same again: npm run drill -- ${options.only === null ? "" : `'${options.only}' `}--seed ${options.seed}\n`)
  const end = Date.now() + Duration.toMillis(budget)
  const results: Array<Result> = []
  for (const { planned, smallDisk } of groups) {
    if (smallDisk && !(yield* canMount)) {
      yield* Console.log("left out, since no disk can be mounted here: " + planned.map(({ scenario }) => scenario.name).join(", "))
      continue
    }
    const left = { seed: options.seed, logs, lanes: 1, budget: Duration.millis(end - Date.now()) }
    results.push(...yield* runAll(planned, { ...left, open: openDrillLane({ smallDisk }) }))
  }
  yield* Console.log(`\n${options.markdown ? markdownTable(results) : textTable(results)}\n`)
  const broken = failures(results)
  if (broken !== "") yield* Console.log(`${broken}\n`)
  yield* Console.log(`${results.filter(({ violations }) => violations.length === 0).length} of ${results.length} hold; seed ${options.seed}`)
  const status = exitStatusOf(results)
  if (status === 0) rmSync(logs, { recursive: true, force: true })
  return status
})

const told = program.pipe(
  Effect.catchCause((cause) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.failCause(cause)
      : Effect.as(Console.error(Cause.prettyErrors(cause).map(({ message }) => message).join("\n")), 1)),
  Effect.tap((status) => Effect.sync(() => void (process.exitCode = status)))
)

// Ctrl-C interrupts: everything that was started is stopped first.
NodeRuntime.runMain(told, { disableErrorReporting: true, teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? Number(process.exitCode) : 130) })
