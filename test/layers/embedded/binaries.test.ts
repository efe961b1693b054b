import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { findBinaries } from "../../../layers/embedded/binaries.ts"
import { run } from "../../../layers/embedded/run.ts"
import { serverUserFor } from "../../../layers/embedded/serverUser.ts"

const find = (platform?: string) =>
  serverUserFor("/nowhere").pipe(
    Effect.flatMap((user) => findBinaries(user, platform === undefined ? {} : { platform })),
    Effect.provide(NodeFileSystem.layer)
  )

describe("findBinaries", () => {
  it.live("finds the programs of this platform, and they run", () =>
    Effect.gen(function*() {
      const { initdb, major, postgres } = yield* find()
      assert.strictEqual(major, "18")
      for (const program of [initdb, postgres]) assert.strictEqual((yield* run(program, ["--version"])).code, 0)
    }))

  it.live("says what to do on a platform that has none, or where npm left them out", () =>
    Effect.gen(function*() {
      const other = process.platform === "darwin" ? "linux-x64" : "darwin-arm64"
      for (const platform of ["win32-x64", other]) {
        const error = yield* Effect.flip(find(platform))
        assert.strictEqual(error.reason, "no-binaries")
        assert.include(error.message, platform)
        assert.include(error.message, "DATABASE_URL")
      }
    }))
})
