import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../../support/oddWorker.ts", import.meta.url))

/** A process with the worker's tree and odd parts; what it has said, and how it ends. */
const start = (mode: string, graceSeconds: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [program, mode, String(graceSeconds)], { stdio: ["ignore", "pipe", "pipe"] })
      let said = ""
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => void (said += text))
      const closed = once(child, "close")
      const says = (text: string): Effect.Effect<void> =>
        Effect.suspend(() => said.includes(text) ? Effect.void : Effect.andThen(Effect.sleep("20 millis"), says(text)))
      const ended = Effect.promise(() => closed).pipe(Effect.map(() => ({ status: child.exitCode, said })), Effect.timeout("40 seconds"), Effect.orDie)
      return { child, says: (text: string) => Effect.orDie(Effect.timeout(says(text), "20 seconds")), ended }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const since = (began: number) => (performance.now() - began) / 1000

describe("the end of a process", () => {
  it.live("comes within five seconds after the grace though a job ignores its interruption; the job is handed back, and the status is 0", () =>
    Effect.gen(function*() {
      const { child, ended, says } = yield* start("stubborn", 1)
      yield* says("a job runs")
      const began = performance.now()
      child.kill("SIGTERM")
      const { said, status } = yield* ended
      assert.isBelow(since(began), 1 + 5 + 0.5)
      assert.strictEqual(status, 0)
      assert.lengthOf(said.match(/drained: 0 finished, 1 handed back, [\d.]+ s/g) ?? [], 1)
      assert.include(said, "in the end: waiting")
    }).pipe(Effect.scoped))

  it.live("does not wait for the grace after a second signal, nor longer than five seconds for such a job", () =>
    Effect.gen(function*() {
      const { child, ended, says } = yield* start("stubborn", 60)
      yield* says("a job runs")
      child.kill("SIGINT")
      yield* Effect.sleep("500 millis")
      const began = performance.now()
      child.kill("SIGINT")
      const { said, status } = yield* ended
      assert.isBelow(since(began), 5 + 0.5)
      assert.strictEqual(status, 0)
      assert.include(said, "in the end: waiting")
    }).pipe(Effect.scoped))

  it.live("comes at once after a second signal where jobs let go", () =>
    Effect.gen(function*() {
      const { child, ended, says } = yield* start("patient", 60)
      yield* says("a job runs")
      child.kill("SIGTERM")
      yield* Effect.sleep("500 millis")
      const began = performance.now()
      child.kill("SIGTERM")
      const { said, status } = yield* ended
      assert.isBelow(since(began), 2)
      assert.strictEqual(status, 0)
      assert.include(said, "0 finished, 1 handed back")
      assert.include(said, "in the end: waiting")
    }).pipe(Effect.scoped))

  it.live("by itself, when the tree gives up, is a status that is not 0 and one line with the chain of reasons", () =>
    Effect.gen(function*() {
      const { ended } = yield* start("broken", 1)
      const { said, status } = yield* ended
      assert.strictEqual(status, 1)
      const lines = said.split("\n").filter((line) => line.startsWith("tt-worker: "))
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /tt-worker gave up on presence \(more than 5 restarts within 10s\): unexpected Error: the disk is full/)
    }).pipe(Effect.scoped))
})
