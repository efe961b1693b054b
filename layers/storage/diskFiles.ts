import { randomUUID } from "node:crypto"
import { constants } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Clock, Data, Effect, type Scope } from "effect"
import type { StorageKey } from "../../src/domain/ids.ts"
import { staysInside } from "./objectKey.ts"

/** A file operation that failed. `code` is Node's errno name; ENOENT also stands for a key that leaves the folder. */
export class DiskFault extends Data.TaggedError("DiskFault")<{ readonly code: string }> {
  override get message(): string {
    return `file operation failed: ${this.code}`
  }
}

/** Half-written files wait here, in the same file system as their place, out of every key's reach. */
const incoming = ".incoming"

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "EUNKNOWN"

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, DiskFault> =>
  Effect.tryPromise({ try: run, catch: (cause) => new DiskFault({ code: codeOf(cause) }) })

const missing = new DiskFault({ code: "ENOENT" })

const isWithin = (root: string, place: string): boolean => place === root || place.startsWith(root + path.sep)

/** Makes the folder (only for this user: it holds invoices) and sweeps what a killed process left half-written. */
export const openRoot = Effect.fnUntraced(function*(folder: string): Effect.fn.Return<string, DiskFault> {
  yield* attempt(() => fs.mkdir(path.join(folder, incoming), { recursive: true, mode: 0o700 }))
  const root = yield* attempt(() => fs.realpath(folder))
  // Another process on this folder may be writing: a put takes seconds, so what is an hour old was left behind.
  const old = (yield* Clock.currentTimeMillis) - 3_600_000
  yield* attempt(async () => {
    for (const name of await fs.readdir(path.join(root, incoming))) {
      const file = path.join(root, incoming, name)
      if ((await fs.stat(file)).mtimeMs < old) await fs.rm(file, { force: true })
    }
  }).pipe(Effect.ignore)
  return root
})

/** The place of a key below `root`; fails where the key is no plain relative path or belongs to the half-written files. */
const placeOf = (root: string, key: StorageKey): Effect.Effect<string, DiskFault> => {
  const segments = key.split("/")
  const plain = staysInside(key) && !key.includes("\\") && !segments.includes("") && segments[0] !== incoming
  return plain ? Effect.succeed(path.join(root, ...segments)) : Effect.fail(missing)
}

/** Fails where a symbolic link leads the nearest existing folder out of `root`. */
const checkFolder = Effect.fnUntraced(function*(root: string, folder: string): Effect.fn.Return<void, DiskFault> {
  for (let place = folder; place !== root; place = path.dirname(place)) {
    const real = yield* attempt(() => fs.realpath(place)).pipe(
      Effect.catchIf((fault) => fault.code === "ENOENT", () => Effect.succeed(null))
    )
    if (real !== null) return isWithin(root, real) ? undefined : yield* missing
  }
})

export interface OpenFile {
  readonly handle: fs.FileHandle
  readonly size: number
}

/** The key's file, open for reading until the scope closes; the size is that of the open file. */
export const openFile = Effect.fnUntraced(function*(root: string, key: StorageKey): Effect.fn.Return<OpenFile, DiskFault, Scope.Scope> {
  const place = yield* placeOf(root, key)
  const real = yield* attempt(() => fs.realpath(place))
  if (!isWithin(root, real)) return yield* missing
  const handle = yield* Effect.acquireRelease(
    attempt(() => fs.open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)),
    (open) => Effect.promise(() => open.close())
  )
  const stat = yield* attempt(() => handle.stat())
  return stat.isFile() ? { handle, size: stat.size } : yield* missing
})

const syncFolder = (folder: string) =>
  attempt(async () => {
    const handle = await fs.open(folder, constants.O_RDONLY)
    await handle.sync().finally(() => handle.close())
  })

/**
 * Stores bytes under a key: written beside, flushed to the disk, then renamed into place, so that a reader sees the
 * old file or the new one and a crash leaves one of them.
 */
export const putFile = Effect.fnUntraced(function*(root: string, key: StorageKey, bytes: Uint8Array): Effect.fn.Return<void, DiskFault> {
  const place = yield* placeOf(root, key)
  const folder = path.dirname(place)
  yield* checkFolder(root, folder)
  yield* attempt(() => fs.mkdir(folder, { recursive: true, mode: 0o700 }))
  const half = path.join(root, incoming, randomUUID())
  yield* attempt(() => fs.writeFile(half, bytes, { flag: "wx", mode: 0o600, flush: true })).pipe(
    Effect.andThen(attempt(() => fs.rename(half, place))),
    Effect.onError(() => Effect.promise(() => fs.rm(half, { force: true }))),
    // A write cannot be called back: cleaned up too early, it would leave its file behind.
    Effect.uninterruptible
  )
  yield* syncFolder(folder)
})
