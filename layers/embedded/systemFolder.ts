import { Effect, FileSystem } from "effect"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { makeFolder } from "./makeFolder.ts"

/**
 * Where root keeps what the server's user must reach and cannot reach in its proper place: `/var/lib` as the
 * Filesystem Hierarchy Standard has it, `/var/db` on macOS.
 */
export const SYSTEM_FOLDER = process.platform === "darwin" ? "/var/db/tt-worker" : "/var/lib/tt-worker"

/** Makes the system folder, open for everyone to pass through whatever our umask is. */
export const systemFolder = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  yield* makeFolder(SYSTEM_FOLDER)
  yield* fs.chmod(SYSTEM_FOLDER, 0o755)
  return SYSTEM_FOLDER
}).pipe(Effect.mapError((cause) => EmbeddedPostgresError.unwritable(SYSTEM_FOLDER, cause)))
