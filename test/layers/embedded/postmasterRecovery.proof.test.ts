import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { query } from "../../../layers/embedded/connection.ts"
import { isPostmasterOf } from "../../../layers/embedded/postmasterRecovery.ts"
import { tempDir } from "../../support/tempDir.ts"
import { answers, isAlive, open, postmasterPid, startChild } from "./harness.ts"

/** A folder with a supervisor on it, and a row that must not be lost. */
const supervised = Effect.gen(function*() {
  const dataDir = path.join(yield* tempDir, "my data")
  const supervisor = yield* startChild(dataDir, "own")
  const { dataDir: folder, url } = yield* supervisor.ready
  yield* query(Redacted.make(url), "create table kept as select 1 as one")
  return { dataDir, supervisor, url, server: yield* postmasterPid(folder) }
})

const opensWithItsRow = Effect.fnUntraced(function*(dataDir: string) {
  const postgres = yield* open(dataDir)
  assert.strictEqual(postgres.ownership, "owner")
  assert.strictEqual(yield* query(postgres.url, "select one from kept"), 1)
  return postgres
})

describe("after a kill", () => {
  it.live("-9 of the supervisor, the next start stops the orphaned server and goes on with the data", () =>
    Effect.gen(function*() {
      const { dataDir, server, supervisor, url } = yield* supervised
      yield* supervisor.kill("SIGKILL")
      assert.isTrue(yield* answers(url), "the server outlives its supervisor")
      yield* opensWithItsRow(dataDir)
      assert.isFalse(yield* isAlive(server))
    }).pipe(Effect.scoped))

  it.live("-9 of the supervisor, a command recovers the data as well", () =>
    Effect.gen(function*() {
      const { dataDir, server, supervisor } = yield* supervised
      yield* supervisor.kill("SIGKILL")
      assert.strictEqual((yield* open(dataDir, "own-or-join")).ownership, "owner")
      assert.isFalse(yield* isAlive(server))
    }).pipe(Effect.scoped))

  it.live("-9 of the server, the supervisor ends with that reason and the next start recovers", () =>
    Effect.gen(function*() {
      const { dataDir, server, supervisor } = yield* supervised
      process.kill(server, "SIGKILL")
      assert.strictEqual(yield* supervisor.kill("SIGCONT"), 1)
      yield* opensWithItsRow(dataDir)
    }).pipe(Effect.scoped))

  it.live("-9 of both, the next start recovers", () =>
    Effect.gen(function*() {
      const { dataDir, server, supervisor } = yield* supervised
      const killed = supervisor.kill("SIGKILL")
      process.kill(server, "SIGKILL")
      yield* killed
      yield* opensWithItsRow(dataDir)
    }).pipe(Effect.scoped))

  it.live("-9 at any moment of the first start, the next start makes a whole database", () =>
    Effect.forEach([250, 500, 650, 800], (millis) =>
      Effect.gen(function*() {
        const dataDir = path.join(yield* tempDir, "data")
        const supervisor = yield* startChild(dataDir, "own")
        yield* Effect.sleep(millis)
        yield* supervisor.kill("SIGKILL")
        const postgres = yield* open(dataDir)
        assert.isTrue(yield* answers(Redacted.value(postgres.url)))
        assert.includeMembers(readdirSync(postgres.dataDir), ["data", "password"])
      }).pipe(Effect.scoped)))
})

/** None in a folder that was not made yet when the stop came. */
const namesIn = (folder: string): ReadonlyArray<string> => existsSync(folder) ? readdirSync(folder) : []

describe("a stop in the middle of the first start", () => {
  it.live("leaves no process and no half-made database behind", () =>
    Effect.forEach(["100 millis", "250 millis", "400 millis"] as const, (moment) =>
      Effect.gen(function*() {
        const dataDir = yield* tempDir
        yield* Effect.timeoutOption(Effect.scoped(open(dataDir)), moment)
        const commands = execFileSync("ps", ["-eww", "-o", "command="], { encoding: "utf8" })
        assert.notInclude(commands, dataDir)
        const folder = path.join(dataDir, "postgres")
        assert.isEmpty(namesIn(folder).filter((name) => name.startsWith("initdb-")))
        assert.isEmpty(namesIn(path.join(dataDir, "lock")))
      }).pipe(Effect.scoped)))
})

describe("a postmaster.pid that was left behind", () => {
  it.live("is no obstacle when its pid belongs to another program now, which is left alone", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { dataDir: folder } = yield* Effect.scoped(open(dataDir))
      // As the server's user: PostgreSQL itself overlooks processes of other users. Pid 1 always runs.
      const file = path.join(folder, "data", "postmaster.pid")
      for (const pid of [process.pid, process.ppid, 1]) {
        writeFileSync(file, `${pid}\n${folder}/data\n1700000000\n5432\n\n127.0.0.1\n`)
        const postgres = yield* Effect.scoped(open(dataDir))
        assert.strictEqual(postgres.ownership, "owner")
        assert.isTrue(yield* isAlive(pid))
      }
    }).pipe(Effect.scoped))

  it.live("is no obstacle when its pid is dead, or when it is not a pid at all", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { dataDir: folder } = yield* Effect.scoped(open(dataDir))
      const file = path.join(folder, "data", "postmaster.pid")
      for (const content of [`4194303\n${folder}/data\n1700000000\n5432\n\n127.0.0.1\n`, ""]) {
        writeFileSync(file, content)
        assert.strictEqual((yield* Effect.scoped(open(dataDir))).ownership, "owner")
      }
    }).pipe(Effect.scoped))
})

describe("isPostmasterOf", () => {
  it("knows the postmaster of this very cluster", () => {
    assert.isTrue(isPostmasterOf("/n/bin/postgres -D /my data/postgres/data -p 5000 -h 127.0.0.1", "/my data/postgres/data"))
    assert.isFalse(isPostmasterOf("/n/bin/postgres -D /my data/postgres/data2 -p 5000", "/my data/postgres/data"))
    assert.isFalse(isPostmasterOf("postgres: checkpointer", "/my data/postgres/data"))
    assert.isFalse(isPostmasterOf("vi /my data/postgres/data/postgres -D", "/my data/postgres/data"))
    assert.isFalse(isPostmasterOf("", "/my data/postgres/data"))
  })
})

describe("a lost password file", () => {
  it.live("is made again, and the data stay", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const before = yield* Effect.scoped(Effect.gen(function*() {
        const postgres = yield* open(dataDir)
        yield* query(postgres.url, "create table kept as select 1 as one")
        return postgres
      }))
      const file = path.join(before.dataDir, "password")
      const old = readFileSync(file, "utf8")
      rmSync(file)
      yield* Effect.scoped(opensWithItsRow(dataDir))
      assert.notStrictEqual(readFileSync(file, "utf8"), old)

      writeFileSync(file, "someone else's")
      const error = yield* Effect.flip(open(dataDir))
      assert.strictEqual(error.reason, "start-failed")
      assert.include(error.message, `delete that file`)
    }).pipe(Effect.scoped))

  it.live("an initdb that was cut short is thrown away", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const folder = path.join(dataDir, "postgres")
      mkdirSync(path.join(folder, "initdb-cut-short", "base"), { recursive: true })
      writeFileSync(path.join(folder, "initdb-cut-short", "PG_VERSION"), "18\n")
      yield* open(dataDir)
      assert.notInclude(readdirSync(folder), "initdb-cut-short")
    }).pipe(Effect.scoped))
})
