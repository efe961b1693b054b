import { assert, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Schema, Scope } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as ChildPool from "../../../layers/childprocess/ChildPool.ts"
import { entryBeside } from "../../../layers/childprocess/entryBeside.ts"
import { longestBlock } from "../../support/eventLoopDelay.ts"
import { until } from "../../support/until.ts"

const MiB = 1024 * 1024
const pidsOf = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Int)))
const Part = Schema.Struct({ pid: Schema.Int, size: Schema.Int, sum: Schema.Int })

const options = {
  name: "test",
  entry: entryBeside(import.meta.url, "mischiefChild"),
  part: Part,
  size: 2,
  idleFor: Duration.seconds(60),
  requestsPerChild: 50,
  heapMegabytes: 64,
  softMemory: 400 * MiB,
  hardMemory: 250 * MiB
}

const request = (command: string, bytes = new Uint8Array(), timeLimit = Duration.seconds(20)) =>
  ({ command, bytes, timeLimit, silenceLimit: timeLimit })

/** A zombie that nobody has collected yet is dead: in a container without an init, orphans stay so. */
const isAlive = (pid: number): boolean => {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
  return stdout.trim() !== "" && !stdout.startsWith("Z")
}

const untilDead = (pid: number) => until(Effect.sync(() => isAlive(pid)), (alive) => !alive)

const pidOf = (parts: ReadonlyArray<typeof Part.Type>): number => parts[0]?.pid ?? 0

it.live("hands 20 MiB over and back without holding this process's event loop", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make(options)
    const bytes = new Uint8Array(20 * MiB).fill(3)
    yield* pool.ask(request("echo"))
    const [part] = yield* pool.ask(request("echo", bytes))
    assert.strictEqual(part?.size, bytes.length)
    assert.strictEqual(part?.sum, (bytes.length * 3) % 65_521)
    assert.isBelow(yield* longestBlock(pool.ask(request("echo", bytes))), 50, "milliseconds")
  }).pipe(Effect.scoped))

it.live("keeps a child warm, gives answers in parts, and hands nothing of our environment down but four variables of its own", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make(options)
    const first = yield* pool.ask(request("echo"))
    const parts = yield* pool.ask(request("parts"))
    assert.deepStrictEqual(parts.map((part) => part.size), [0, 1, 2])
    assert.strictEqual(pidOf(parts), pidOf(first))
    const [environment] = yield* pool.ask(request("environment"))
    assert.strictEqual(environment?.size, 4)
  }).pipe(Effect.scoped))

it.live("works on as many requests at a time as it may have children", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make(options)
    const answers = yield* Effect.all(Array.from({ length: 6 }, () => pool.ask(request("echo"))), { concurrency: "unbounded" })
    assert.isAtMost(new Set(answers.map(pidOf)).size, 2)
  }).pipe(Effect.scoped))

it.live("replaces a child after its share of requests, and when its memory has grown", () =>
  Effect.gen(function*() {
    const byCount = yield* ChildPool.make({ ...options, requestsPerChild: 1 })
    assert.notStrictEqual(pidOf(yield* byCount.ask(request("echo"))), pidOf(yield* byCount.ask(request("echo"))))
    const byMemory = yield* ChildPool.make({ ...options, softMemory: MiB })
    assert.notStrictEqual(pidOf(yield* byMemory.ask(request("echo"))), pidOf(yield* byMemory.ask(request("echo"))))
  }).pipe(Effect.scoped))

it.live("ends an idle child after a while", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make({ ...options, idleFor: Duration.millis(400) })
    const pid = pidOf(yield* pool.ask(request("echo")))
    assert.isTrue(isAlive(pid))
    yield* untilDead(pid)
  }).pipe(Effect.scoped))

it.live("ends a child that spins, keeps silent or takes too much memory, and says which", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make(options)
    const spinning = yield* Effect.flip(pool.ask(request("spin", undefined, Duration.millis(700))))
    assert.strictEqual(spinning.reason._tag, "TimedOut")
    const silent = yield* Effect.flip(pool.ask({ ...request("silence"), silenceLimit: Duration.millis(700) }))
    assert.strictEqual(silent.reason._tag, "TimedOut")
    const growing = yield* Effect.flip(pool.ask(request("grow")))
    assert.strictEqual(growing.reason._tag, "OverMemory")
    assert.strictEqual((yield* pool.ask(request("echo", new Uint8Array(5))))[0]?.size, 5)
  }).pipe(Effect.scoped))

it.live("asks a fresh child once more after a crash, and blames the request only then", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make(options)
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "pool-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    const [part] = yield* pool.ask(request(`exit-once ${join(folder, "mark")}`))
    assert.strictEqual(part?.size, 1)
    for (const command of ["exit", "throw", "nonsense"]) {
      const error = yield* Effect.flip(pool.ask(request(command)))
      assert.strictEqual(error.reason._tag, "Crashed")
      assert.notInclude(error.message, "quotes the file")
    }
  }).pipe(Effect.scoped))

it.live("says that a process could not be started rather than blame the request", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make({ ...options, entry: "/nowhere/child.ts" })
    const error = yield* Effect.flip(pool.ask(request("echo")))
    assert.strictEqual(error.reason._tag, "NotStarted")
  }).pipe(Effect.scoped))

it.live("kills the child at once when the asker is interrupted", () =>
  Effect.gen(function*() {
    const pool = yield* ChildPool.make({ ...options, size: 1 })
    const pid = pidOf(yield* pool.ask(request("echo")))
    const asking = yield* Effect.forkChild(pool.ask(request("spin")))
    yield* Effect.sleep("300 millis")
    const [took] = yield* Effect.timed(Fiber.interrupt(asking))
    assert.isBelow(Duration.toMillis(took), 5000, "milliseconds, a quarter of what it may spin")
    assert.isFalse(isAlive(pid))
    assert.notStrictEqual(pidOf(yield* pool.ask(request("echo"))), pid)
  }).pipe(Effect.scoped))

it.live("leaves no process when its scope closes, busy ones included", () =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const pool = yield* Scope.provide(ChildPool.make({ ...options, size: 1 }), scope)
    const pid = pidOf(yield* pool.ask(request("echo")))
    yield* Scope.close(scope, Exit.void)
    assert.isFalse(isAlive(pid))
  }))

it.live("outlives Ctrl-C, but not the parent: kill -9 takes even a child that spins along", () =>
  Effect.gen(function*() {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./spinningParent.ts", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [line] = yield* Effect.promise(() => once(parent.stdout, "data"))
    const pids = pidsOf(String(line))
    assert.lengthOf(pids, 2)
    for (const pid of pids) process.kill(pid, "SIGINT")
    yield* Effect.sleep("200 millis")
    assert.deepStrictEqual(pids.map(isAlive), [true, true])
    parent.kill("SIGKILL")
    yield* Effect.forEach(pids, untilDead)
  }))
