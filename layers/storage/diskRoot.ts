import { randomUUID } from "node:crypto"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Clock, Effect } from "effect"
import { makeFolder } from "../embedded/makeFolder.ts"
import { attempt, DiskFault, rootGone } from "./DiskFault.ts"

/** The folder that holds the files. */
export interface DiskRoot {
  /** Absolute, without symbolic links. */
  readonly folder: string
  /** Half-written files wait here, in the same file system as their place, out of every key's reach. */
  readonly incoming: string
  /** A file of a name that no other root has: while it is there, this is the folder that was opened. */
  readonly marker: string
}

const incomingName = ".incoming"
const markerName = /^\.root-[0-9a-f-]{36}$/

/** First segments that no key may have. */
export const isReserved = (segment: string): boolean => segment === incomingName || markerName.test(segment)

/**
 * The marker is a name and no inode: inodes are given again, and a disk that was away comes back with another device
 * number. It stays over restarts. Two first starts in one instant make two, which does no harm.
 */
const markerIn = async (folder: string): Promise<string> => {
  const present = (await fs.readdir(folder)).filter((name) => markerName.test(name)).sort()[0]
  const marker = path.join(folder, present ?? `.root-${randomUUID()}`)
  if (present === undefined) {
    await fs.writeFile(marker, "tt-worker knows its folder of files by this file.\n", { flag: "wx", mode: 0o600 })
  }
  return marker
}

/** Makes the folder (only for this user: it holds invoices) and sweeps what a killed process left half-written. */
export const openRoot = Effect.fnUntraced(function*(place: string): Effect.fn.Return<DiskRoot, DiskFault> {
  yield* makeFolder(path.join(place, incomingName), 0o700).pipe(Effect.mapError(DiskFault.from))
  const folder = yield* attempt(() => fs.realpath(place))
  const incoming = path.join(folder, incomingName)
  // Another process on this folder may be writing: a put takes seconds, so what is an hour old was left behind.
  const old = (yield* Clock.currentTimeMillis) - 3_600_000
  yield* attempt(async () => {
    for (const name of await fs.readdir(incoming)) {
      const file = path.join(incoming, name)
      if ((await fs.stat(file)).mtimeMs < old) await fs.rm(file, { force: true })
    }
  }).pipe(Effect.ignore)
  return { folder, incoming, marker: yield* attempt(() => markerIn(folder)) }
})

/**
 * Fails with `rootGone` where the folder is no longer the one that was opened: renamed, removed, or on a disk that is
 * not mounted now. Without it, every file would look missing.
 */
export const checkRoot = (root: DiskRoot): Effect.Effect<void, DiskFault> =>
  attempt(() => fs.lstat(root.marker)).pipe(
    Effect.mapError((fault) => fault.kind === "missing" ? new DiskFault({ code: rootGone }) : fault),
    Effect.asVoid
  )
