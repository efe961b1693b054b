import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { randomUUID } from "node:crypto"
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { startOf } from "../../../layers/embedded/processIdentity.ts"
import * as ServerLock from "../../../layers/embedded/ServerLock.ts"
import { tempDir } from "../../support/tempDir.ts"

const live = <A, E, R>(effect: Effect.Effect<A, E, R>) => effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

/** A claim as a process of this pid and start would have left it. */
const plant = (dataDir: string, pid: number, start: string, name = `${pid}-${randomUUID()}.json`) => {
  mkdirSync(path.join(dataDir, "lock"), { recursive: true })
  writeFileSync(path.join(dataDir, "lock", name), JSON.stringify({ pid, start }))
  writeFileSync(path.join(dataDir, "lock", "owner.json"), JSON.stringify({ claim: name, pid, facts: {} }))
}

describe("ServerLock", () => {
  it.live("has one owner at a time, who is named to the others, and is free again afterwards", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* Effect.scoped(Effect.gen(function*() {
        yield* ServerLock.acquire(dataDir)
        const refused = yield* Effect.flip(ServerLock.acquire(dataDir))
        assert.strictEqual(refused._tag === "LockTaken" && refused.pid, process.pid)
        assert.strictEqual(readdirSync(path.join(dataDir, "lock")).length, 2, "the refused one leaves nothing")
      }))
      assert.deepStrictEqual(readdirSync(path.join(dataDir, "lock")), [])
      yield* ServerLock.acquire(dataDir)
    })))

  it.live("never lets two of many that start at once believe that they own it, and always lets one", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      for (let round = 0; round < 20; round++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const outcomes = yield* Effect.forEach(
            Array.from({ length: 10 }, (_, index) => index),
            (index) => Effect.sleep(index % 2).pipe(Effect.andThen(Effect.exit(ServerLock.acquire(dataDir)))),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(outcomes.filter(Exit.isSuccess).length, 1)
        }))
      }
    })))

  it.live("is not held by the dead, nor by a stranger with a dead one's pid", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      plant(dataDir, 4194303, "never/1")
      plant(dataDir, process.pid, "another boot/12345")
      assert.isTrue(Option.isNone(yield* ServerLock.findOwner(dataDir)))
      yield* ServerLock.acquire(dataDir)
      assert.strictEqual(readdirSync(path.join(dataDir, "lock")).length, 2, "what was stale is gone")
    })))

  it.live("is held by exactly the process that claimed it", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      plant(dataDir, process.ppid, Option.getOrThrow(yield* startOf(process.ppid)))
      const refused = yield* Effect.flip(ServerLock.acquire(dataDir))
      assert.strictEqual(refused._tag === "LockTaken" && refused.pid, process.ppid)
    })))

  it.live("overlooks what is not whole", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      plant(dataDir, process.ppid, "")
      for (const name of readdirSync(path.join(dataDir, "lock"))) writeFileSync(path.join(dataDir, "lock", name), "{\"pid\":")
      writeFileSync(path.join(dataDir, "lock", "notes.txt"), "not ours")
      yield* ServerLock.acquire(dataDir)
      assert.include(readdirSync(path.join(dataDir, "lock")), "notes.txt")
    })))

  it.live("tells guests what the owner publishes, for the owner's user only", () =>
    live(Effect.gen(function*() {
      const dataDir = yield* tempDir
      chmodSync(dataDir, 0o755)
      const lock = yield* ServerLock.acquire(dataDir)
      yield* lock.update({ server: { folder: "/somewhere", port: 4711 }, facts: { files: "http://127.0.0.1:1/" } })
      const owner = Option.getOrThrow(yield* ServerLock.findOwner(dataDir))
      assert.deepStrictEqual(owner.server, { folder: "/somewhere", port: 4711 })
      assert.deepStrictEqual(owner.facts, { files: "http://127.0.0.1:1/" })
      for (const name of readdirSync(path.join(dataDir, "lock"))) {
        assert.strictEqual(statSync(path.join(dataDir, "lock", name)).mode & 0o777, 0o600)
        assert.notInclude(readFileSync(path.join(dataDir, "lock", name), "utf8"), "password")
      }
    })))
})
