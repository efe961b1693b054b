import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { makeFolder } from "./makeFolder.ts"
import { canEnter, ownerOf, type ServerUser } from "./serverUser.ts"
import { systemFolder } from "./systemFolder.ts"

/** The one folder with all that belongs to the server, owned by the user that runs it. */
export interface ServerHome {
  readonly folder: string
  /** PostgreSQL's own data folder. Exists only when it is whole. */
  readonly cluster: string
  readonly passwordFile: string
  readonly logFile: string
  /** What the person who set DATA_DIR should know about this place. */
  readonly notes: ReadonlyArray<string>
}

/** The server's folder when nothing is in the way. */
export const usualFolder = (dataDir: string): string => path.join(dataDir, "postgres")

/** The names inside a server's folder. */
export const homeAt = (folder: string, notes: ReadonlyArray<string> = []): ServerHome => ({
  folder,
  cluster: path.join(folder, "data"),
  passwordFile: path.join(folder, "password"),
  logFile: path.join(folder, "server.log"),
  notes
})

/**
 * Makes the server's folder: `DATA_DIR/postgres`, or, when we are root and the server's user cannot enter DATA_DIR,
 * a folder below the system's own whose name follows from DATA_DIR. Takes DATA_DIR as a real, absolute path.
 */
export const makeServerHome = Effect.fnUntraced(function*(dataDir: string, user: ServerUser) {
  const fs = yield* FileSystem.FileSystem
  const usual = usualFolder(dataDir)
  const reachable = user.isUs || (yield* canEnter(user, dataDir))
  const folder = reachable ? usual : path.join(yield* systemFolder, folderNameFor(dataDir))
  yield* makeFolder(folder, 0o700).pipe(
    Effect.andThen(user.isUs ? fs.access(folder, { writable: true }) : fs.chown(folder, user.uid, user.gid)),
    Effect.catch((cause) => refuse(folder, user, cause))
  )
  return homeAt(
    folder,
    reachable ? [] : [
      `running as root: the database is in ${folder}, because user ${user.name}, which runs PostgreSQL, ` +
      `cannot enter ${dataDir}`
    ]
  )
})

const folderNameFor = (dataDir: string): string => createHash("sha256").update(dataDir).digest("hex").slice(0, 16)

const refuse = Effect.fnUntraced(function*(folder: string, user: ServerUser, cause: Error) {
  const owner = yield* ownerOf(folder)
  return yield* owner._tag === "Some" && owner.value.uid !== user.uid
    ? EmbeddedPostgresError.foreign(folder, owner.value.uid)
    : EmbeddedPostgresError.unwritable(folder, cause)
})
