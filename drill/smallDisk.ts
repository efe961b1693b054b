import { execFile } from "node:child_process"
import { open, rm } from "node:fs/promises"
import { promisify } from "node:util"
import { Effect, type Scope } from "effect"
import { tempDir } from "../test/support/tempDir.ts"

const run = promisify(execFile)

const size = "300m"
const block = Buffer.alloc(64 * 1024)

let mounted: string | null = null

const ballast = (folder: string): string => `${folder}/ballast`

const mount = Effect.flatMap(tempDir, (folder) =>
  Effect.acquireRelease(
    Effect.as(Effect.tryPromise(() => run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder])), folder),
    (disk) => Effect.ignore(Effect.tryPromise(() => run("umount", ["-l", disk])))
  ))

/** Root outside of a container can, mostly. */
export const canMount: Effect.Effect<boolean> = Effect.scoped(mount).pipe(Effect.as(true), Effect.orElseSucceed(() => false))

/** A disk of its own for tables, owned by this user. PostgreSQL's log stays on the usual disk, as on a well-kept server. */
export const smallDisk = (owner: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* mount
    const tables = `${folder}/tables`
    yield* Effect.tryPromise(() => run("mkdir", [tables]))
    yield* Effect.tryPromise(() => run("chown", [owner, tables]))
    mounted = folder
    return tables
  }).pipe(Effect.orDie)

/** To the last block, with zeros. */
const fill = async (folder: string): Promise<void> => {
  const file = await open(ballast(folder), "w")
  try {
    for (;;) await file.write(block)
  } catch {
    // It is full.
  } finally {
    await file.close()
  }
}

const onDisk = (what: (folder: string) => Promise<void>) => Effect.promise(() => mounted === null ? Promise.resolve() : what(mounted))

/** Takes the place that is left on the small disk, and gives it back. */
export const fillTablespace = { begin: onDisk(fill), end: onDisk((folder) => rm(ballast(folder))) }
