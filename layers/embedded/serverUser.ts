import { Effect, FileSystem, Option } from "effect"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { run, type ServerUser } from "./run.ts"

export type { ServerUser } from "./run.ts"

/** macOS ships a system user for PostgreSQL; on Linux it is the one that every distribution's package makes. */
const SYSTEM_USER = process.platform === "darwin" ? "_postgres" : "postgres"

/**
 * Who runs the server: we ourselves, unless we are root, as which PostgreSQL refuses to run. Root acts for the
 * owner of the data that is already in `folder`, else for the system user `postgres`.
 */
export const serverUserFor = Effect.fnUntraced(function*(folder: string) {
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  if (uid !== 0) return { name: `uid ${uid}`, uid, gid, isUs: true }
  const present = yield* ownerOf(folder)
  if (Option.isSome(present) && present.value.uid !== 0) {
    return { name: `uid ${present.value.uid}`, ...present.value, isUs: false }
  }
  return yield* systemUser(SYSTEM_USER)
})

/** Looks up a system user and creates it when it is missing. Needs root. */
export const systemUser = Effect.fnUntraced(function*(name: string) {
  const known = yield* lookUp(name)
  if (Option.isSome(known)) return known.value
  // Root's PATH after a plain `su` lacks the sbin folders.
  const made = yield* run("/bin/sh", [
    "-c",
    'PATH="$PATH:/usr/sbin:/sbin"; getent group "$1" >/dev/null || groupadd --system "$1"; ' +
    'useradd --system --gid "$1" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"',
    "sh",
    name
  ])
  const user = yield* lookUp(name)
  if (Option.isNone(user)) return yield* EmbeddedPostgresError.noUser(name, made.output)
  return user.value
})

/** Whether a user can enter a folder: tried for real, since modes alone do not tell (ACLs, mounts). */
export const canEnter = (user: ServerUser, folder: string) =>
  run("/bin/sh", ["-c", 'cd -- "$1"', "sh", folder], { as: user }).pipe(Effect.map(({ code }) => code === 0))

/** Who owns a file or folder; none when it does not exist. */
export const ownerOf = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const info = yield* Effect.option(fs.stat(path))
  return Option.flatMap(info, ({ uid, gid }) => Option.all({ uid, gid }))
})

const lookUp = Effect.fnUntraced(function*(name: string) {
  const uid = yield* run("id", ["-u", name])
  const gid = yield* run("id", ["-g", name])
  return uid.code === 0 && gid.code === 0
    ? Option.some<ServerUser>({ name, uid: Number(uid.output), gid: Number(gid.output), isUs: false })
    : Option.none<ServerUser>()
})
