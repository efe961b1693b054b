import { createHash, randomUUID } from "node:crypto"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Clock, Effect, type Scope, Stream } from "effect"
import { attempt, type DiskFault } from "./DiskFault.ts"

/** Bytes that have come in, in a file of their own; not flushed to the disk. */
export interface Spooled {
  readonly file: string
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
}

const prefix = "tt-worker-incoming-"

/** Writes a stream into a new file of `folder`, only for this user; what is left of it goes with the scope. */
export const spool = Effect.fnUntraced(function*<E, R>(folder: string, bytes: Stream.Stream<Uint8Array, E, R>): Effect.fn.Return<Spooled, DiskFault | E, R | Scope.Scope> {
  const file = path.join(folder, `${prefix}${randomUUID()}`)
  yield* Effect.addFinalizer(() => Effect.promise(() => fs.rm(file, { force: true })))
  const hash = createHash("sha256")
  let size = 0
  yield* Effect.scoped(Effect.gen(function*() {
    const handle = yield* Effect.acquireRelease(attempt(() => fs.open(file, "wx", 0o600)), (open) => Effect.promise(() => open.close()))
    yield* Stream.runForEach(bytes, (piece) =>
      // A write cannot be called back: the file would be closed under it.
      Effect.uninterruptible(attempt(async () => {
        hash.update(piece)
        size += piece.length
        for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten
      })))
  }))
  return { file, size, sha256: hash.digest("hex") }
})

/** Removes what killed processes left behind a day ago; whatever else lies there stays. */
export const sweepSpool = Effect.fnUntraced(function*(folder: string) {
  const old = (yield* Clock.currentTimeMillis) - 86_400_000
  yield* attempt(async () => {
    for (const name of await fs.readdir(folder)) {
      const file = path.join(folder, name)
      if (name.startsWith(prefix) && (await fs.stat(file)).mtimeMs < old) await fs.rm(file, { force: true })
    }
  }).pipe(Effect.ignore)
})
