import { Effect, FileSystem, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { ServerUser } from "./serverUser.ts"

/** 192 bits, in letters that need no escaping in a URL or in SQL. */
export const randomPassword = Effect.sync(() => Redacted.make(randomBytes(24).toString("base64url")))

/** Reads the password that an earlier start left. */
export const readPassword = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  return Redacted.make((yield* fs.readFileString(file)).trim())
})

/** Writes the password for the owner's eyes only. The mode is set before the content is there to be read. */
export const writePassword = Effect.fnUntraced(function*(file: string, password: Redacted.Redacted, user: ServerUser) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(file, { force: true })
  yield* fs.writeFileString(file, Redacted.value(password), { mode: 0o600, flag: "wx" })
  if (!user.isUs) yield* fs.chown(file, user.uid, user.gid)
})
