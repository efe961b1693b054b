import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { setImmediate } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, Fiber, Layer, Redacted, type Scope } from "effect"
import * as DiskStorage from "../../../layers/storage/DiskStorage.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { until } from "../../support/until.ts"
import { failureOf, key, noise, objectStorageConformance } from "./conformance.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(path.join(tmpdir(), "disk-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

const inTemporaryFolder = Layer.unwrap(Effect.map(temporaryFolder, (folder) => DiskStorage.layer({ root: path.join(folder, "files") })))

const limit = { maxBytes: 1_000_000 }
const open = (root: string) => Effect.map(Layer.build(DiskStorage.layer({ root })), Context.get(ObjectStorage))
const names = (folder: string) => Effect.promise(() => readdir(folder))

/** A storage in `folder`/files, beside it a folder `outside` that no key may reach. */
const test = (
  name: string,
  body: (files: ObjectStorage["Service"], root: string, outside: string) => Effect.Effect<void, unknown, Scope.Scope>
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const outside = path.join(folder, "outside")
      yield* Effect.promise(() => mkdir(outside))
      const root = path.join(folder, "files")
      yield* body(yield* open(root), root, outside)
    }).pipe(Effect.scoped))

describe("files on disk", () => {
  objectStorageConformance(inTemporaryFolder)

  test("finds nothing under absolute keys, back slashes, doubled slashes and too long names", Effect.fnUntraced(function*(files) {
    for (const name of ["/etc/passwd", "a\\..\\b", "a//b", "a/", ".incoming/x", ".root-00000000-0000-4000-8000-000000000000", "x".repeat(300)]) {
      assert.strictEqual((yield* failureOf(files.download(key(name), limit))).code, "file-missing", name)
      assert.strictEqual((yield* failureOf(files.head(key(name)))).code, "file-missing", name)
      assert.strictEqual((yield* failureOf(files.put(key(name), noise(1), "image/png"))).code, "file-missing", name)
    }
  }))

  test("follows no symbolic link out of its folder, to read or to write", Effect.fnUntraced(function*(files, root, outside) {
    yield* Effect.promise(() => writeFile(path.join(outside, "secret"), "s"))
    yield* Effect.promise(() => symlink(path.join(outside, "secret"), path.join(root, "link")))
    yield* Effect.promise(() => symlink(outside, path.join(root, "folder")))
    for (const name of ["link", "folder/secret"]) {
      assert.strictEqual((yield* failureOf(files.download(key(name), limit))).code, "file-missing", name)
      assert.strictEqual((yield* failureOf(files.head(key(name)))).code, "file-missing", name)
    }
    for (const name of ["folder/new", "folder/deep/er/new"]) {
      assert.strictEqual((yield* failureOf(files.put(key(name), noise(1), "image/png"))).code, "file-missing", name)
    }
    assert.deepStrictEqual(yield* names(outside), ["secret"])
    // Putting over the link itself replaces the link.
    yield* files.put(key("link"), noise(3), "image/png")
    assert.strictEqual(yield* Effect.promise(() => readFile(path.join(outside, "secret"), "utf8")), "s")
    assert.deepStrictEqual(yield* files.download(key("link"), limit), noise(3))
  }))

  test("reads no folder and no special file as if it were one", Effect.fnUntraced(function*(files) {
    yield* files.put(key("tenant/one"), noise(1), "image/png")
    assert.strictEqual((yield* failureOf(files.download(key("tenant"), limit))).code, "file-missing")
    assert.strictEqual((yield* failureOf(files.head(key("tenant/one/two")))).code, "file-missing")
  }))

  test("leaves no half-written file, also when a put fails", Effect.fnUntraced(function*(files, root) {
    yield* files.put(key("tenant/one"), noise(100), "image/png")
    yield* failureOf(files.put(key("tenant"), noise(100), "image/png"))
    // Interrupted at every point between the first step and the last.
    const big = noise(200_000)
    for (let turns = 0; turns < 60; turns++) {
      const put = yield* Effect.forkChild(files.put(key("big"), big, "image/png"))
      yield* Effect.repeat(Effect.promise(() => setImmediate()), { times: turns % 20 })
      yield* Fiber.interrupt(put)
    }
    yield* until(names(path.join(root, ".incoming")), (left) => left.length === 0)
  }))

  test("shows readers the old file or the new one while it is replaced, never a mixture", Effect.fnUntraced(function*(files) {
    const [old, young] = [new Uint8Array(500_000).fill(1), new Uint8Array(400_000).fill(2)]
    yield* files.put(key("x"), old, "image/png")
    const writer = yield* Effect.forkScoped(Effect.forever(Effect.andThen(files.put(key("x"), young, "image/png"), files.put(key("x"), old, "image/png"))))
    const seen = yield* Effect.forEach(Array.from({ length: 40 }), () => files.download(key("x"), limit))
    assert.isUndefined(writer.pollUnsafe())
    for (const bytes of seen) {
      assert.strictEqual(bytes.length, bytes[0] === 1 ? 500_000 : 400_000)
      assert.isTrue(bytes.every((byte) => byte === bytes[0]))
    }
  }))

  test("keeps files from other users of the machine", Effect.fnUntraced(function*(files, root) {
    yield* files.put(key("tenant/one"), noise(1), "image/png")
    const mode = (place: string) => Effect.promise(async () => ((await stat(place)).mode & 0o777).toString(8))
    assert.strictEqual(yield* mode(path.join(root, "tenant/one")), "600")
    assert.strictEqual(yield* mode(path.join(root, "tenant")), "700")
  }))

  test("works for two processes on one folder, each by URLs of its own", Effect.fnUntraced(function*(files, root) {
    const other = yield* open(root)
    yield* other.put(key("shared"), noise(10), "image/png")
    assert.deepStrictEqual(yield* files.download(key("shared"), limit), noise(10))
    const mine = new URL(Redacted.value(yield* files.presignGet(key("shared"), Duration.minutes(1))))
    const theirs = new URL(Redacted.value(yield* other.presignGet(key("shared"), Duration.minutes(1))))
    assert.notStrictEqual(mine.port, theirs.port)
    theirs.port = mine.port
    assert.strictEqual((yield* Effect.promise(() => fetch(theirs))).status, 403)
  }))

  test("sweeps what a killed process left half-written, but not what is being written", Effect.fnUntraced(function*(_, root) {
    const [old, fresh] = [path.join(root, ".incoming/old"), path.join(root, ".incoming/fresh")]
    yield* Effect.promise(() => Promise.all([writeFile(old, "x"), writeFile(fresh, "x")]))
    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    yield* Effect.promise(() => utimes(old, longAgo, longAgo))
    yield* open(root)
    assert.deepStrictEqual(yield* names(path.join(root, ".incoming")), ["fresh"])
  }))

  /** What may happen to the folder behind the back of a running worker. */
  const losses: ReadonlyArray<readonly [string, (root: string) => Promise<unknown>]> = [
    ["is renamed", (root) => rename(root, `${root}-away`)],
    ["is on a disk that is not mounted, so that an empty folder stands there", (root) => rename(root, `${root}-away`).then(() => mkdir(root))],
    ["is replaced by another worker's new one", (root) =>
      rename(root, `${root}-away`).then(() => Effect.runPromise(Effect.scoped(open(root)).pipe(Effect.asVoid)))]
  ]
  for (const [how, lose] of losses) {
    test(`takes no file for missing while its folder ${how}, writes nothing there, and goes on when it is back`, Effect.fnUntraced(function*(files, root) {
      yield* files.put(key("tenant/one"), noise(10), "image/png")
      const url = Redacted.value(yield* files.presignGet(key("tenant/one"), Duration.minutes(1)))
      yield* Effect.promise(() => lose(root))
      const before = yield* Effect.promise(() => readdir(root).catch(() => null))
      const failures = [
        yield* failureOf(files.download(key("tenant/one"), limit)),
        yield* failureOf(files.head(key("tenant/one"))),
        yield* failureOf(files.put(key("tenant/two"), noise(10), "image/png"))
      ]
      for (const failure of failures) {
        assert.deepInclude(failure.reason, { _tag: "Unavailable" })
        assert.strictEqual(failure.retry._tag, "Transient")
        assert.include(failure.message, `the folder ${root} is gone`)
      }
      assert.strictEqual((yield* Effect.promise(() => fetch(url))).status, 503)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(root).catch(() => null)), before)

      yield* Effect.promise(() => rm(root, { recursive: true, force: true }).then(() => rename(`${root}-away`, root)))
      assert.deepStrictEqual(yield* files.download(key("tenant/one"), limit), noise(10))
      assert.strictEqual((yield* failureOf(files.head(key("tenant/two")))).code, "file-missing")
      yield* files.put(key("tenant/two"), noise(10), "image/png")
    }))
  }

  test("knows its folder again on another disk, and after a restart", Effect.fnUntraced(function*(files, root) {
    yield* files.put(key("tenant/one"), noise(10), "image/png")
    yield* Effect.promise(() => cp(root, `${root}-copy`, { recursive: true }).then(() => rm(root, { recursive: true })).then(() => rename(`${root}-copy`, root)))
    assert.strictEqual((yield* failureOf(files.head(key("tenant/none")))).code, "file-missing")
    const restarted = yield* open(root)
    assert.deepStrictEqual(yield* restarted.download(key("tenant/one"), limit), noise(10))
    assert.strictEqual((yield* names(root)).filter((name) => name.startsWith(".root-")).length, 1)
  }))

  test("answers GET and HEAD only", Effect.fnUntraced(function*(files) {
    yield* files.put(key("doc"), noise(1234), "image/png")
    const url = Redacted.value(yield* files.presignGet(key("doc"), Duration.minutes(1)))
    const head = yield* Effect.promise(() => fetch(url, { method: "HEAD" }))
    assert.deepStrictEqual([head.status, head.headers.get("content-length")], [200, "1234"])
    for (const method of ["PUT", "POST", "DELETE"]) {
      const answer = yield* Effect.promise(() => fetch(url, { method }))
      assert.deepStrictEqual([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"])
    }
    assert.strictEqual((yield* files.head(key("doc"))).size, 1234)
  }))

  it.live("stops serving with its scope", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const url = yield* Effect.scoped(Effect.gen(function*() {
        const files = yield* open(folder)
        yield* files.put(key("doc"), noise(10), "image/png")
        return Redacted.value(yield* files.presignGet(key("doc"), Duration.minutes(1)))
      }))
      const exit = yield* Effect.exit(Effect.tryPromise(() => fetch(url)))
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.scoped))

  it.live("says at start that its folder cannot be used", () =>
    Effect.gen(function*() {
      const file = path.join(yield* temporaryFolder, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      const error = yield* failureOf(Effect.scoped(open(path.join(file, "files"))))
      assert.include(error.message, file)
      assert.deepInclude(error.reason, { _tag: "Denied", variable: "DATA_DIR" })
    }).pipe(Effect.scoped))

  it.live("says so, too, where the system refuses a folder with the words of a missing one", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Effect.scoped(open("/proc/tt-worker/files")))
      assert.include(error.message, "/proc/tt-worker/files")
      assert.deepInclude(error.reason, { _tag: "Denied", variable: "DATA_DIR" })
    }))
})
