import { Effect, Schedule } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Resident memory (bytes) of all processes that this one started, and theirs. */
const childrenNow = Effect.promise(async () => {
  const { stdout } = await run("ps", ["-eo", "pid=,ppid=,rss="])
  const rows = stdout.trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number))
  const family = new Set([process.pid])
  for (const [pid = 0, parent = 0] of rows) if (family.has(parent)) family.add(pid)
  return rows.reduce((sum, [pid = 0, , kilobytes = 0]) => sum + (pid !== process.pid && family.has(pid) ? kilobytes * 1024 : 0), 0)
})

/** Runs an effect and gives, beside its result, the most memory that all children held together meanwhile. */
export const withPeakMemory = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.suspend(() => {
    let peak = 0
    const watch = childrenNow.pipe(
      Effect.map((bytes) => {
        peak = Math.max(peak, bytes)
      }),
      Effect.repeat(Schedule.spaced("30 millis")),
      Effect.andThen(Effect.never)
    )
    return Effect.raceFirst(effect, watch).pipe(Effect.map((result) => [result, peak] as const))
  })
