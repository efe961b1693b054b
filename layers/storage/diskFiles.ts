import { randomUUID } from "node:crypto"
import { constants } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Effect, type Scope } from "effect"
import type { StorageKey } from "../../src/domain/ids.ts"
import { attempt, DiskFault } from "./DiskFault.ts"
import { checkRoot, type DiskRoot, isReserved } from "./diskRoot.ts"
import { staysInside } from "./objectKey.ts"

const missing = new DiskFault({ code: "ENOENT" })

const isWithin = (folder: string, place: string): boolean => place === folder || place.startsWith(folder + path.sep)

/** The place of a key below the root; fails where the key is no plain relative path or belongs to the root itself. */
const placeOf = (root: DiskRoot, key: StorageKey): Effect.Effect<string, DiskFault> => {
  const segments = key.split("/")
  const plain = staysInside(key) && !key.includes("\\") && !segments.includes("") && !isReserved(segments[0] ?? "")
  return plain ? Effect.succeed(path.join(root.folder, ...segments)) : Effect.fail(missing)
}

/** The folders from below the root down to this one, the root itself left out. */
const foldersDownTo = (root: DiskRoot, folder: string): ReadonlyArray<string> =>
  folder === root.folder ? [] : [...foldersDownTo(root, path.dirname(folder)), folder]

/** Fails where a symbolic link leads the nearest existing folder out of the root. */
const checkFolders = Effect.fnUntraced(function*(root: DiskRoot, folders: ReadonlyArray<string>): Effect.fn.Return<void, DiskFault> {
  for (const place of folders.toReversed()) {
    const real = yield* attempt(() => fs.realpath(place)).pipe(
      Effect.catchIf((fault) => fault.code === "ENOENT", () => Effect.succeed(null))
    )
    if (real !== null) return isWithin(root.folder, real) ? undefined : yield* missing
  }
})

/** A file is missing only from the folder that was opened. */
const missingFrom = (root: DiskRoot) => <A, R>(effect: Effect.Effect<A, DiskFault, R>): Effect.Effect<A, DiskFault, R> =>
  Effect.catchIf(effect, ({ kind }) => kind === "missing", (fault) => Effect.andThen(checkRoot(root), Effect.fail(fault)))

export interface OpenFile {
  readonly handle: fs.FileHandle
  readonly size: number
}

const openAt = Effect.fnUntraced(function*(root: DiskRoot, place: string): Effect.fn.Return<OpenFile, DiskFault, Scope.Scope> {
  const real = yield* attempt(() => fs.realpath(place))
  if (!isWithin(root.folder, real)) return yield* missing
  const handle = yield* Effect.acquireRelease(
    attempt(() => fs.open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)),
    (open) => Effect.promise(() => open.close())
  )
  const stat = yield* attempt(() => handle.stat())
  return stat.isFile() ? { handle, size: stat.size } : yield* missing
})

/** The key's file, open for reading until the scope closes; the size is that of the open file. */
export const openFile = (root: DiskRoot, key: StorageKey): Effect.Effect<OpenFile, DiskFault, Scope.Scope> =>
  Effect.flatMap(placeOf(root, key), (place) => missingFrom(root)(openAt(root, place)))

const syncFolder = (folder: string) =>
  attempt(async () => {
    const handle = await fs.open(folder, constants.O_RDONLY)
    await handle.sync().finally(() => handle.close())
  })

const syncFile = (file: string) =>
  attempt(async () => {
    const handle = await fs.open(file, constants.O_RDWR)
    await handle.sync().finally(() => handle.close())
  })

/** Level by level, and never the root itself: a new one, below the place of a mount, would take files that nobody finds again. */
const makeFolders = (folders: ReadonlyArray<string>) =>
  Effect.forEach(
    folders,
    (folder) => attempt(() => fs.mkdir(folder, { mode: 0o700 })).pipe(Effect.catchIf(({ code }) => code === "EEXIST", () => Effect.void)),
    { discard: true }
  )

const putAt = Effect.fnUntraced(function*(root: DiskRoot, place: string, bytes: Uint8Array): Effect.fn.Return<void, DiskFault> {
  const folders = foldersDownTo(root, path.dirname(place))
  yield* checkFolders(root, folders)
  const half = path.join(root.incoming, randomUUID())
  yield* attempt(() => fs.writeFile(half, bytes, { flag: "wx", mode: 0o600, flush: true })).pipe(
    Effect.andThen(makeFolders(folders)),
    Effect.andThen(attempt(() => fs.rename(half, place))),
    Effect.onError(() => Effect.promise(() => fs.rm(half, { force: true }))),
    // A write cannot be called back: cleaned up too early, it would leave its file behind.
    Effect.uninterruptible
  )
  yield* syncFolder(path.dirname(place))
})

/**
 * Stores bytes under a key: written beside, flushed to the disk, then renamed into place, so that a reader sees the
 * old file or the new one and a crash leaves one of them.
 */
export const putFile = Effect.fnUntraced(function*(root: DiskRoot, key: StorageKey, bytes: Uint8Array): Effect.fn.Return<void, DiskFault> {
  const place = yield* placeOf(root, key)
  yield* checkRoot(root)
  yield* missingFrom(root)(putAt(root, place, bytes))
})

/**
 * Puts a file of the incoming folder under a key: flushed, then renamed. Tried again when it has been renamed already, it
 * only flushes the folder.
 */
export const placeFile = Effect.fnUntraced(function*(root: DiskRoot, key: StorageKey, incoming: string): Effect.fn.Return<void, DiskFault> {
  const place = yield* placeOf(root, key)
  yield* checkRoot(root)
  const folders = foldersDownTo(root, path.dirname(place))
  yield* missingFrom(root)(Effect.gen(function*() {
    yield* checkFolders(root, folders)
    yield* Effect.uninterruptible(Effect.andThen(makeFolders(folders), Effect.andThen(syncFile(incoming), attempt(() => fs.rename(incoming, place))).pipe(
      Effect.catchIf(({ code }) => code === "ENOENT", (fault) => Effect.asVoid(attempt(() => fs.stat(place))).pipe(Effect.mapError(() => fault)))
    )))
    yield* syncFolder(path.dirname(place))
  }))
})

/** Removes the key's file; false where there is none. The folders stay. */
export const removeFile = Effect.fnUntraced(function*(root: DiskRoot, key: StorageKey): Effect.fn.Return<boolean, DiskFault> {
  yield* checkRoot(root)
  return yield* placeOf(root, key).pipe(
    Effect.tap((place) => checkFolders(root, foldersDownTo(root, path.dirname(place)))),
    Effect.flatMap((place) => attempt(() => fs.unlink(place))),
    Effect.as(true),
    Effect.catchIf(({ kind }) => kind === "missing", () => Effect.succeed(false))
  )
})

/** Folders and files below a folder, deepest first; none where there is no such folder. */
const below = (folder: string) =>
  attempt(() => fs.readdir(folder, { recursive: true, withFileTypes: true })).pipe(
    Effect.map((found) => found.map((one) => ({ place: path.join(one.parentPath, one.name), isFolder: one.isDirectory(), isFile: one.isFile() })).toReversed()),
    Effect.catchIf(({ kind }) => kind === "missing", () => Effect.succeed([]))
  )

/** The keys of all files below a folder that a key's first segments name. */
export const filesBelow = Effect.fnUntraced(function*(root: DiskRoot, first: StorageKey): Effect.fn.Return<ReadonlyArray<string>, DiskFault> {
  yield* checkRoot(root)
  const folder = yield* Effect.catchIf(placeOf(root, first), ({ kind }) => kind === "missing", () => Effect.succeed(null))
  if (folder === null) return []
  return (yield* below(folder)).filter(({ isFile }) => isFile).map(({ place }) => path.relative(root.folder, place).split(path.sep).join("/"))
})

/** Removes that folder with those below it, as far as they are empty. */
export const removeEmptyFolders = Effect.fnUntraced(function*(root: DiskRoot, first: StorageKey): Effect.fn.Return<void, DiskFault> {
  yield* checkRoot(root)
  const folder = yield* Effect.catchIf(placeOf(root, first), ({ kind }) => kind === "missing", () => Effect.succeed(null))
  if (folder === null) return
  const folders = [...(yield* below(folder)).filter(({ isFolder }) => isFolder).map(({ place }) => place), folder].sort((one, other) => other.length - one.length)
  yield* Effect.forEach(folders, (place) => Effect.ignore(attempt(() => fs.rmdir(place))), { discard: true })
})
