import { Duration, Effect } from "effect"
import { measureCrashLoop } from "../test/support/crashLoop.ts"

/**
 * What a child in a crash loop does to its siblings: `node bench/crashLoop.ts` prints, as a Markdown table, how late a
 * sibling's 5 ms ticks are and how long its small tasks take, quiet and beside the loop. About forty seconds.
 */
const { crashes, loop, quiet, ticks } = await Effect.runPromise(measureCrashLoop({ turns: 80, each: Duration.millis(250) }))

const ms = (value: number): string => `${value.toFixed(2)} ms`
const row = (name: string, before: number, during: number): string => `| ${name} | ${ms(before)} | ${ms(during)} | ${(during / before).toFixed(2)} |`

process.stdout.write([
  "| p99 | quiet | during the crash loop | ratio |",
  "|---|---|---|---|",
  row("from one 5 ms tick to the next", quiet.tick, loop.tick),
  row("a task of about 1 ms", quiet.task, loop.task),
  "",
  `${crashes} crashes in 20 s, over ${ticks} ticks`,
  ""
].join("\n"))
