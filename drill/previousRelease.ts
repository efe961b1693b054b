import { execFile } from "node:child_process"
import { symlink } from "node:fs/promises"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Data, Effect } from "effect"
import { tempDir } from "../test/support/tempDir.ts"

const run = promisify(execFile)
const repository = fileURLToPath(new URL("..", import.meta.url))
const git = async (...args: ReadonlyArray<string>): Promise<string> => (await run("git", [...args], { cwd: repository })).stdout.trim()

/** Without its history there is no former release to build. */
export class NoFormerRelease extends Data.TaggedError("NoFormerRelease")<{ readonly cause: unknown }> {
  override get message(): string {
    return "the release before this one cannot be built: it takes the repository with its history"
  }
}

/** `dist/main.js` as it was before the newest migration, built with the packages of today, until the scope closes. */
export const buildPreviousRelease = Effect.gen(function*() {
  const folder = yield* tempDir
  return yield* Effect.tryPromise({
    try: async () => {
      const newest = await git("log", "-1", "--diff-filter=A", "--format=%H", "--", "layers/postgres/migrations")
      const archive = path.join(folder, "release.tar")
      await git("archive", "--output", archive, `${newest}^`)
      await run("tar", ["-xf", archive, "-C", folder])
      await symlink(path.join(repository, "node_modules"), path.join(folder, "node_modules"))
      await run(process.execPath, [path.join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], { cwd: folder })
      return path.join(folder, "dist/main.js")
    },
    catch: (cause) => new NoFormerRelease({ cause })
  })
})
