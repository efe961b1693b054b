import { Effect, FileSystem } from "effect"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"

/**
 * Fails with the death of the server on a cluster, and says what a new start will find there. Without its control
 * file PostgreSQL recovers nothing (somebody removed the folder, or its disk is not mounted).
 */
export const diedOn = Effect.fnUntraced(function*(cluster: string, what: string, detail: string) {
  const fs = yield* FileSystem.FileSystem
  // A file that cannot be looked at is not known to be gone.
  const isThere = yield* fs.exists(path.join(cluster, "global", "pg_control")).pipe(Effect.orElseSucceed(() => true))
  return yield* isThere ? EmbeddedPostgresError.serverDied(what, detail) : EmbeddedPostgresError.dataGone(what, detail, cluster)
})
