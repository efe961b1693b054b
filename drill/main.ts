import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { parseArgs } from "node:util"
import { Console, Duration, Effect } from "effect"
import { backendNamed, type Command, conclude, parsed, run, seedNamed } from "../chaos/command.ts"
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

const readOptions = () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string" }, backend: { type: "string" }, markdown: { type: "boolean", default: false }, list: { type: "boolean", default: false } }
  })
  return { ...values, backend: backendNamed(values.backend), seed: seedNamed(values.seed), only: positionals.length === 0 ? null : positionals.join(" ") }
}

const program: Command = Effect.gen(function*() {
  const options = yield* parsed(readOptions, usage)
  const groups = plan(options.only, options.backend)
  if (options.list) {
    yield* Console.log(groups.flatMap(({ planned }) => planned.map(({ backend, scenario }) => `${scenario.name}, ${backend}`)).join("\n"))
    return 0
  }
  if (groups.length === 0) return yield* Effect.fail(new Error("no drill fits"))
  if (!existsSync(thisRelease)) return yield* Effect.fail(new Error("there is no dist/main.js: npm run build"))

  const logs = mkdtempSync(path.join(tmpdir(), "tt-worker-drill-"))
  yield* Console.log(`seed ${options.seed}; the same again: npm run drill -- ${options.only === null ? "" : `'${options.only}' `}--seed ${options.seed}\n`)
  const began = performance.now()
  const results: Array<Result> = []
  for (const { planned, smallDisk } of groups) {
    if (smallDisk && !(yield* canMount)) {
      yield* Console.log("left out, since no disk can be mounted here: " + planned.map(({ scenario }) => scenario.name).join(", "))
      continue
    }
    const left = { seed: options.seed, logs, lanes: 1, budget: Duration.subtract(budget, Duration.millis(performance.now() - began)) }
    results.push(...yield* runAll(planned, { ...left, open: openDrillLane({ smallDisk }) }))
  }
  return yield* conclude(results, { ...options, began, logs })
})

run(program)
