import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { mkdtempSync, rmSync, existsSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Cause, Console, Duration, Effect, Exit } from "effect"
import type { Backend } from "./load/Producer.ts"
import { exitStatusOf, failures, markdownTable, textTable } from "./report.ts"
import { runAll } from "./runAll.ts"
import { plan } from "./scenarios/catalogue.ts"

/**
 * `npm run chaos -- [--ci] [--seed N] [--only PATTERN] [--backend redis|postgres] [--lanes N] [--markdown] [--list]`:
 * real processes of dist/main.js on real servers, and every fault at every step. Needs `npm run build` before and
 * `redis-server` on the machine. Exit status 0 when every promise held.
 */
const usage = "usage: npm run chaos -- [--ci] [--seed N] [--only PATTERN] [--backend redis|postgres] [--lanes N] [--markdown] [--list]"

/** What both forms promise, less what building and stopping take. */
const fullBudget = Duration.seconds(880)
const ciBudget = Duration.seconds(112)

const backendNamed = (name: string | undefined): Backend | null => {
  if (name === undefined) return null
  if (name === "redis" || name === "postgres") return name
  throw new Error(`--backend is redis or postgres, not ${name}`)
}

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      ci: { type: "boolean", default: false },
      seed: { type: "string" },
      only: { type: "string" },
      backend: { type: "string" },
      lanes: { type: "string", default: "2" },
      markdown: { type: "boolean", default: false },
      list: { type: "boolean", default: false }
    }
  })
  const backend = backendNamed(values.backend)
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
  const lanes = Number(values.lanes)
  if (!Number.isInteger(seed) || !Number.isInteger(lanes) || lanes < 1) throw new Error("--seed and --lanes are whole numbers")
  return { ...values, backend, seed, lanes, only: values.only ?? null }
}

const program: Effect.Effect<0 | 1, Error> = Effect.gen(function*() {
  const options = yield* Effect.try({ try: readOptions, catch: (cause) => new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`) })
  const planned = plan(options)
  if (options.list) {
    yield* Console.log(planned.map(({ backend, scenario }) => `${scenario.name}, ${backend}`).join("\n"))
    return 0
  }
  if (planned.length === 0) return yield* Effect.fail(new Error("no scenario fits"))
  if (!existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url)))) return yield* Effect.fail(new Error("there is no dist/main.js: npm run build"))

  const logs = mkdtempSync(path.join(tmpdir(), "tt-worker-chaos-"))
  const again = `npm run chaos -- --seed ${options.seed}${options.ci ? " --ci" : ""}${options.only === null ? "" : ` --only '${options.only}'`}`
  yield* Console.log(`seed ${options.seed}; the same again: ${again}\n`)
  const began = performance.now()
  const results = yield* runAll(planned, { ...options, logs, budget: options.ci ? ciBudget : fullBudget })
  yield* Console.log(`\n${options.markdown ? markdownTable(results) : textTable(results)}\n`)
  const status = exitStatusOf(results)
  const broken = failures(results)
  if (broken !== "") yield* Console.log(`${broken}\n`)
  yield* Console.log(`${results.filter(({ violations }) => violations.length === 0).length} of ${results.length} hold, ${((performance.now() - began) / 1000).toFixed(0)} s; seed ${options.seed}`)
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
