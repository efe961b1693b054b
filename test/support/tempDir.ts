import { Effect, type Scope } from "effect"
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import * as path from "node:path"

/**
 * A temporary folder, removed with the scope. Open for everyone to enter, so that when tests run as root the user
 * `postgres` gets through; symbolic links resolved, so that paths in messages can be compared.
 */
export const tempDir: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    const folder = await mkdtemp(path.join(await realpath(tmpdir()), "tt-worker-test-"))
    await chmod(folder, 0o755)
    return folder
  }),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
)
