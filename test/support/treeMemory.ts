import { Effect, Fiber } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly bytes: number
  readonly name: string
}

const processes = async (): Promise<ReadonlyArray<ProcessRow>> => {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,rss=,comm="])
  return stdout.trim().split("\n").map((line) => {
    const [pid, parent, kilobytes, ...name] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), bytes: Number(kilobytes) * 1024, name: name.join(" ") }
  })
}

/** Resident bytes of this process, and of all below it: the database server, which counts its shared memory many times, aside. */
const look = async (): Promise<{ readonly own: number; readonly children: number }> => {
  const rows = await processes()
  const below = (pid: number): number =>
    rows.filter((row) => row.parent === pid && !row.name.includes("postgres")).reduce((total, row) => total + row.bytes + below(row.pid), 0)
  return { own: process.memoryUsage.rss(), children: below(process.pid) }
}

/**
 * Runs the effect and says how many bytes the children held at most meanwhile, together with what this process grew by:
 * it runs the tests, and holds more than a supervisor does before anything begins.
 */
export const withPeakMemory = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.gen(function*() {
    const before = process.memoryUsage.rss()
    let peak = 0
    const watch = Effect.promise(look).pipe(
      Effect.map(({ children, own }) => void (peak = Math.max(peak, children + Math.max(0, own - before))))
    )
    const watching = yield* Effect.forkChild(Effect.forever(Effect.andThen(watch, Effect.sleep("80 millis"))))
    const value = yield* effect
    yield* Fiber.interrupt(watching)
    yield* watch
    return [value, peak] as const
  })
