import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Effect } from "effect"

const isFolder = (place: string): Promise<boolean> => fs.stat(place).then((found) => found.isDirectory(), () => false)

const makeOne = async (folder: string, mode: number): Promise<void> => {
  await fs.mkdir(folder, { mode }).catch(async (cause: unknown) => {
    if (!(await isFolder(folder))) throw cause
  })
}

const make = (folder: string, mode: number): Promise<void> =>
  makeOne(folder, mode).catch(async (cause: unknown) => {
    const parent = path.dirname(folder)
    if (parent === folder || !(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause
    await make(parent, mode)
    await makeOne(folder, mode)
  })

/**
 * Makes a folder and those above it that are missing; fails with Node's own error. Goes level by level, since Node's
 * `recursive` never ends where a file system refuses a new folder with ENOENT, as /proc does.
 */
export const makeFolder = (folder: string, mode = 0o777): Effect.Effect<void, Error> =>
  Effect.tryPromise({
    try: () => make(path.resolve(folder), mode),
    catch: (cause) => cause instanceof Error ? cause : new Error(String(cause))
  })
