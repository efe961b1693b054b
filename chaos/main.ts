import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { parseArgs } from "node:util"
import { Console, Duration, Effect } from "effect"
import { backendNamed, type Command, conclude, parsed, run, seedNamed } from "./command.ts"
import { runAll } from "./runAll.ts"
import { plan } from "./scenarios/catalogue.ts"
import { thisRelease } from "./workers/WorkerProcess.ts"

/**
 * `npm run chaos -- [--ci] [--seed N] [--only PATTERN] [--backend redis|postgres] [--lanes N] [--markdown] [--list]`:
 * real processes of dist/main.js on real servers, and every fault at every step. Needs `npm run build` before and
 * `redis-server` on the machine. Exit status 0 when every promise held.
 */
const usage = "usage: npm run chaos -- [--ci] [--seed N] [--only PATTERN] [--backend redis|postgres] [--lanes N] [--markdown] [--list]"

/** What both forms promise, less what building and stopping take. */
const fullBudget = Duration.seconds(880)
const ciBudget = Duration.seconds(112)

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
  const lanes = Number(values.lanes)
  if (!Number.isInteger(lanes) || lanes < 1) throw new Error("--lanes is a whole number")
  return { ...values, backend: backendNamed(values.backend), seed: seedNamed(values.seed), lanes, only: values.only ?? null }
}

const program: Command = Effect.gen(function*() {
  const options = yield* parsed(readOptions, usage)
  const planned = plan(options)
  if (options.list) {
    yield* Console.log(planned.map(({ backend, scenario }) => `${scenario.name}, ${backend}`).join("\n"))
    return 0
  }
  if (planned.length === 0) return yield* Effect.fail(new Error("no scenario fits"))
  if (!existsSync(thisRelease)) return yield* Effect.fail(new Error("there is no dist/main.js: npm run build"))

  const logs = mkdtempSync(path.join(tmpdir(), "tt-worker-chaos-"))
  const again = `npm run chaos -- --seed ${options.seed}${options.ci ? " --ci" : ""}${options.only === null ? "" : ` --only '${options.only}'`}`
  yield* Console.log(`seed ${options.seed}; the same again: ${again}\n`)
  const began = performance.now()
  const results = yield* runAll(planned, { ...options, logs, budget: options.ci ? ciBudget : fullBudget })
  return yield* conclude(results, { ...options, began, logs })
})

run(program)
