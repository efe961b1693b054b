import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Redacted } from "effect"
import { Client } from "pg"
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { tempDir } from "../../support/tempDir.ts"
import { answers, isAlive, open, postmasterPid, startChild } from "./harness.ts"

const rows = (url: Redacted.Redacted, statement: string) =>
  Effect.acquireUseRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: Redacted.value(url) })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(async () => (await client.query({ text: statement, rowMode: "array" })).rows),
    (client) => Effect.promise(() => client.end())
  )

describe("EmbeddedPostgres", () => {
  it.live("starts a real PostgreSQL in a folder with blanks and accents, and keeps what was written over a restart", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "données de l'équipe", ".data")
      const first = yield* Effect.scoped(Effect.gen(function*() {
        const postgres = yield* open(dataDir)
        assert.match(Redacted.value(postgres.url), /^postgres:\/\/postgres:[\w-]{32}@127\.0\.0\.1:\d+\/tt$/)
        assert.strictEqual(postgres.dataDir, path.join(dataDir, "postgres"))
        assert.strictEqual(postgres.ownership, "owner")
        assert.deepStrictEqual(postgres.notes, [])
        yield* rows(postgres.url, "create table kept as select 'été' as word")
        return postgres
      }))
      assert.isFalse(yield* answers(Redacted.value(first.url)))

      const started = performance.now()
      const second = yield* open(dataDir)
      assert.isBelow(performance.now() - started, 5000)
      assert.deepStrictEqual(yield* rows(second.url, "select word from kept"), [["été"]])
      assert.strictEqual(new URL(Redacted.value(second.url)).password, new URL(Redacted.value(first.url)).password)
    }).pipe(Effect.scoped))

  it.live("keeps data safe, speaks UTC and UTF-8, and lets nobody in without the password", () =>
    Effect.gen(function*() {
      const postgres = yield* open(yield* tempDir)
      const setting = (name: string) => rows(postgres.url, `show ${name}`).pipe(Effect.map((found) => found[0]?.[0]))
      assert.strictEqual(yield* setting("fsync"), "on")
      assert.strictEqual(yield* setting("synchronous_commit"), "on")
      assert.strictEqual(yield* setting("timezone"), "UTC")
      assert.strictEqual(yield* setting("lc_messages"), "C")
      assert.strictEqual(yield* setting("server_encoding"), "UTF8")
      assert.strictEqual(yield* setting("max_connections"), "200")
      assert.strictEqual(yield* setting("listen_addresses"), "127.0.0.1")
      assert.strictEqual(statSync(path.join(postgres.dataDir, "password")).mode & 0o777, 0o600)
      const stranger = new URL(Redacted.value(postgres.url))
      stranger.password = "guess"
      assert.isFalse(yield* answers(stranger.href))
    }).pipe(Effect.scoped))

  it.live("keeps statement texts and row contents out of the server's log", () =>
    Effect.gen(function*() {
      const postgres = yield* open(yield* tempDir)
      yield* rows(postgres.url, "create table t (id int primary key, note text); insert into t values (1, 'Facture Dupont')")
      yield* Effect.exit(rows(postgres.url, "insert into t values (1, 'Facture Dupont')"))
      const log = readFileSync(path.join(postgres.dataDir, "server.log"), "utf8")
      assert.include(log, "duplicate key value")
      assert.notInclude(log, "Dupont")
    }).pipe(Effect.scoped))

  it.live("has the server in a process group of its own, so that Ctrl-C leaves it to us", () =>
    Effect.gen(function*() {
      const postgres = yield* open(yield* tempDir)
      const pid = yield* postmasterPid(postgres.dataDir)
      assert.strictEqual(execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }).trim(), String(pid))
    }).pipe(Effect.scoped))

  it.live("tells a second supervisor in one line which folder, which pid and what to do, even through a link", () =>
    Effect.gen(function*() {
      const root = yield* tempDir
      const dataDir = path.join(root, "data")
      const first = yield* startChild(dataDir, "own")
      yield* first.ready
      symlinkSync(dataDir, path.join(root, "link"))
      const error = yield* Effect.flip(open(path.join(root, "link")))
      assert.strictEqual(error.reason, "in-use")
      assert.strictEqual(
        error.message,
        `Another tt-worker (pid ${first.pid}) is already running on the data folder ${dataDir}: stop that one first, ` +
          "or set DATA_DIR to another folder."
      )
      const { url } = yield* first.ready
      assert.isTrue(yield* answers(url), "the first goes on")
      assert.notStrictEqual(yield* first.kill("SIGTERM"), -1)
      assert.isFalse(yield* answers(url), "and stops its server when it ends")
      assert.strictEqual((yield* open(dataDir)).ownership, "owner")
    }).pipe(Effect.scoped))

  it.live("lets one of several that start at the same instant win", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "data")
      const children = yield* Effect.forEach([1, 2, 3], () => startChild(dataDir, "own"))
      const reports = yield* Effect.forEach(children, (child) => child.report, { concurrency: "unbounded" })
      assert.deepStrictEqual(reports.map(({ _tag }) => _tag).sort(), ["Ready", "Refused", "Refused"])
    }).pipe(Effect.scoped))

  it.live("lets a command join the running supervisor, read its facts, and leave it running", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "data")
      const supervisor = yield* startChild(dataDir, "own")
      const { url } = yield* supervisor.ready
      yield* Effect.scoped(Effect.gen(function*() {
        const guest = yield* open(dataDir, "own-or-join")
        assert.strictEqual(guest.ownership, "guest")
        assert.strictEqual(Redacted.value(guest.url), url)
        assert.deepStrictEqual(yield* guest.facts, { greeting: `from ${supervisor.pid}` })
        yield* guest.publish({ greeting: "ignored" })
        assert.deepStrictEqual(yield* guest.facts, { greeting: `from ${supervisor.pid}` })
      }))
      assert.isTrue(yield* answers(url))

      const guest = yield* open(dataDir, "own-or-join")
      const end = yield* Effect.forkChild(Effect.flip(guest.died))
      yield* supervisor.kill("SIGTERM")
      assert.strictEqual((yield* Fiber.join(end)).reason, "server-died")
    }).pipe(Effect.scoped))

  it.live("lets commands that start together share: one owns, the others join", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "data")
      const opened = yield* Effect.forEach([1, 2, 3], () => open(dataDir, "own-or-join"), { concurrency: "unbounded" })
      assert.deepStrictEqual(opened.map(({ ownership }) => ownership).sort(), ["guest", "guest", "owner"])
      assert.strictEqual(new Set(opened.map(({ url }) => Redacted.value(url))).size, 1)
    }).pipe(Effect.scoped))

  it.live("owns the folder for a command's time when nobody else does", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "data")
      const { pid, url } = yield* Effect.scoped(Effect.gen(function*() {
        const command = yield* open(dataDir, "own-or-join")
        assert.strictEqual(command.ownership, "owner")
        yield* command.publish({ files: "http://127.0.0.1:1" })
        yield* command.publish({ other: "kept beside" })
        assert.deepStrictEqual(yield* command.facts, { files: "http://127.0.0.1:1", other: "kept beside" })
        return { url: Redacted.value(command.url), pid: yield* postmasterPid(command.dataDir) }
      }))
      assert.isFalse(yield* answers(url))
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.scoped))

  it.live("reports the death of the server, and only a death", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const closed = yield* Effect.scoped(open(dataDir))
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(closed.died, "200 millis")))

      const postgres = yield* open(dataDir)
      const end = yield* Effect.forkChild(Effect.flip(postgres.died))
      process.kill(yield* postmasterPid(postgres.dataDir), "SIGKILL")
      const error = yield* Fiber.join(end)
      assert.strictEqual(error.reason, "server-died")
      assert.include(error.message, "killed by SIGKILL")
      assert.include(error.message, "start tt-worker again, it recovers the data by itself")
    }).pipe(Effect.scoped))

  it.live("promises no recovery when the data are gone, to the owner and to its guests", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* tempDir, "data")
      const owner = yield* open(dataDir)
      const guest = yield* open(dataDir, "own-or-join")
      const ends = yield* Effect.forkChild(Effect.all([Effect.flip(owner.died), Effect.flip(guest.died)], { concurrency: "unbounded" }))
      const pid = yield* postmasterPid(owner.dataDir)
      rmSync(dataDir, { recursive: true, force: true })
      process.kill(pid, "SIGKILL")
      for (const error of yield* Fiber.join(ends)) {
        assert.strictEqual(error.reason, "server-died")
        assert.include(error.message, `its data in ${path.join(dataDir, "postgres", "data")} are gone`)
        assert.notInclude(error.message, "recovers")
      }
    }).pipe(Effect.scoped))

  it.live("says what to do about a folder that cannot be used", () =>
    Effect.gen(function*() {
      const root = yield* tempDir
      writeFileSync(path.join(root, "a file"), "")
      const error = yield* Effect.flip(open(path.join(root, "a file", "data")))
      assert.strictEqual(error.reason, "unwritable")
      assert.include(error.message, path.join(root, "a file", "data"))
      assert.include(error.message, "set DATA_DIR")
      assert.notInclude(error.message, "\n")
    }).pipe(Effect.scoped))

  it.live("says so, too, of a place where the system makes no folder and calls it missing", () =>
    Effect.gen(function*() {
      for (const dataDir of ["/proc", "/proc/tt-worker", "/proc/tt-worker/data"]) {
        const error = yield* Effect.flip(open(dataDir))
        assert.strictEqual(error.reason, "unwritable")
        assert.include(error.message, `cannot use ${dataDir} for its data`)
      }
    }).pipe(Effect.scoped))

  it.live("refuses data of another major version and leaves them alone", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { dataDir: folder } = yield* Effect.scoped(open(dataDir))
      const version = path.join(folder, "data", "PG_VERSION")
      writeFileSync(version, "15\n")
      const error = yield* Effect.flip(open(dataDir))
      assert.strictEqual(error.reason, "other-version")
      assert.match(error.message, /made by PostgreSQL 15, and this tt-worker brings 18/)
      writeFileSync(version, "18\n")
      assert.strictEqual((yield* open(dataDir)).ownership, "owner")
    }).pipe(Effect.scoped))

  it.live("gives the reason in the server's own words when it does not start", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { dataDir: folder } = yield* Effect.scoped(open(dataDir))
      writeFileSync(path.join(folder, "data", "pg_hba.conf"), "nonsense\n")
      const error = yield* Effect.flip(open(dataDir))
      assert.strictEqual(error.reason, "start-failed")
      assert.include(error.message, "could not load")
    }).pipe(Effect.scoped))
})
