import { statSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeFolder } from "../../../layers/embedded/makeFolder.ts"
import { tempDir } from "../../support/tempDir.ts"

describe("making a folder", () => {
  it.live("makes all that is missing above it with the same mode, and minds nothing that is there", () =>
    Effect.gen(function*() {
      const folder = path.join(yield* tempDir, "a", "b", "c")
      yield* makeFolder(folder, 0o700)
      yield* makeFolder(folder, 0o700)
      for (const made of [folder, path.dirname(folder)]) assert.strictEqual(statSync(made).mode & 0o777, 0o700)
    }).pipe(Effect.scoped))

  it.live("is done once by many that make it at the same time", () =>
    Effect.gen(function*() {
      const root = yield* tempDir
      yield* Effect.forEach(Array.from({ length: 20 }), () => makeFolder(path.join(root, "x", "y", "z")), { concurrency: "unbounded" })
    }).pipe(Effect.scoped))

  it.live("fails on a file, and below one", () =>
    Effect.gen(function*() {
      const file = path.join(yield* tempDir, "file")
      writeFileSync(file, "")
      assert.match((yield* Effect.flip(makeFolder(file))).message, /EEXIST/)
      assert.match((yield* Effect.flip(makeFolder(path.join(file, "below", "it")))).message, /ENOTDIR/)
    }).pipe(Effect.scoped))

  it.live("ends where the system says that the very folder to be made is missing", () =>
    Effect.gen(function*() {
      for (const folder of ["/proc/tt-worker", "/proc/tt-worker/below/it"]) {
        assert.match((yield* Effect.flip(makeFolder(folder))).message, /ENOENT|EROFS|EACCES/)
      }
    }))
})
