import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { rmSync } from "node:fs"
import { Cause, Console, Effect, Exit } from "effect"
import type { Backend } from "./load/Producer.ts"
import { exitStatusOf, failures, markdownTable, textTable } from "./report.ts"
import type { Result } from "./runScenario.ts"

/** What the two commands on this machinery have in common, `npm run chaos` and `npm run drill`. */
export type Command = Effect.Effect<0 | 1, Error>

export const backendNamed = (name: string | undefined): Backend | null => {
  if (name === undefined) return null
  if (name === "redis" || name === "postgres") return name
  throw new Error(`--backend is redis or postgres, not ${name}`)
}

/** Given again, the same choices are made again. */
export const seedNamed = (seed: string | undefined): number => {
  const number = seed === undefined ? Math.floor(Math.random() * 1e6) : Number(seed)
  if (!Number.isInteger(number)) throw new Error("--seed is a whole number")
  return number
}

export const parsed = <A>(read: () => A, usage: string): Effect.Effect<A, Error> =>
  Effect.try({ try: read, catch: (cause) => new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`) })

/** Tells what came out; the logs stay only where something is broken. */
export const conclude = Effect.fnUntraced(function*(
  results: ReadonlyArray<Result>,
  { began, logs, markdown, seed }: { readonly began: number; readonly logs: string; readonly markdown: boolean; readonly seed: number }
) {
  yield* Console.log(`\n${markdown ? markdownTable(results) : textTable(results)}\n`)
  const broken = failures(results)
  if (broken !== "") yield* Console.log(`${broken}\n`)
  const held = results.filter(({ violations }) => violations.length === 0).length
  yield* Console.log(`${held} of ${results.length} hold, ${((performance.now() - began) / 1000).toFixed(0)} s; seed ${seed}`)
  const status = exitStatusOf(results)
  if (status === 0) rmSync(logs, { recursive: true, force: true })
  return status
})

/** Ctrl-C interrupts: everything that was started is stopped first. */
export const run = (command: Command): void => {
  const told = command.pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause)
        : Effect.as(Console.error(Cause.prettyErrors(cause).map(({ message }) => message).join("\n")), 1)),
    Effect.tap((status) => Effect.sync(() => void (process.exitCode = status)))
  )
  NodeRuntime.runMain(told, { disableErrorReporting: true, teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? Number(process.exitCode) : 130) })
}
