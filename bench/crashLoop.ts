import { Duration, Effect } from "effect"
import { measureCrashLoop } from "../test/support/crashLoop.ts"

/**
 * What a child in a crash loop does to its siblings: `node bench/crashLoop.ts` prints, as a Markdown table, how late a
 * sibling's 5 ms ticks are and how long its small tasks take, quiet and beside the loop. About half a minute.
 */
const rounds = 5

const runs = await Effect.runPromise(Effect.forEach(Array.from({ length: rounds }), () => measureCrashLoop(Duration.seconds(3))))

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const ms = (value: number): string => `${value.toFixed(2)} ms`
const row = (name: string, quiet: ReadonlyArray<number>, loop: ReadonlyArray<number>): string =>
  `| ${name} | ${ms(median(quiet))} | ${ms(median(loop))} | ${(median(loop) / median(quiet)).toFixed(2)} |`

process.stdout.write([
  `| p99, median of ${rounds} runs | quiet | during the crash loop | ratio |`,
  "|---|---|---|---|",
  row("a 5 ms tick, from one to the next", runs.map(({ quiet }) => quiet.tick), runs.map(({ loop }) => loop.tick)),
  row("a task of about 1 ms", runs.map(({ quiet }) => quiet.task), runs.map(({ loop }) => loop.task)),
  "",
  `${Math.round(median(runs.map(({ crashes }) => crashes)))} crashes in 3 s each`,
  ""
].join("\n"))
