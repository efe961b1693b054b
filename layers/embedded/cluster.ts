import { Effect, FileSystem, Redacted, Schedule } from "effect"
import { randomUUID } from "node:crypto"
import * as path from "node:path"
import type { Binaries } from "./binaries.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { randomPassword, readPassword, writePassword } from "./password.ts"
import { run } from "./run.ts"
import type { ServerHome } from "./serverHome.ts"
import type { ServerUser } from "./serverUser.ts"

/**
 * Makes the database cluster when there is none yet, refuses one of another major version, and returns the password.
 */
export const prepareCluster = Effect.fnUntraced(function*(home: ServerHome, user: ServerUser, binaries: Binaries) {
  const fs = yield* FileSystem.FileSystem
  yield* removeUnfinished(home)
  if (!(yield* fs.exists(home.cluster))) return yield* initialise(home, user, binaries)
  const found = (yield* fs.readFileString(path.join(home.cluster, "PG_VERSION"))).trim()
  if (found !== binaries.major) {
    return yield* EmbeddedPostgresError.otherVersion(home.cluster, found, binaries.major)
  }
  return (yield* fs.exists(home.passwordFile))
    ? yield* readPassword(home.passwordFile)
    : yield* replacePassword(home, user, binaries)
}, (effect, home) =>
  Effect.catchTag(effect, "PlatformError", (cause) => Effect.fail(EmbeddedPostgresError.unwritable(home.folder, cause))))

/** No locale of the machine, no passwords or keys of our environment. */
export const SERVER_ENV: Readonly<Record<string, string>> = { LC_ALL: "C", TZ: "UTC" }

/** In a container started with an arbitrary uid. initdb insists on a name. */
const NAMELESS = ": add this user to /etc/passwd, run tt-worker as another one, or set DATABASE_URL"

const UNFINISHED = "initdb-"

/**
 * initdb works in a folder of its own, which gets its real name at the end: a cluster cut short by a kill is never
 * taken for a whole one. `--no-sync` is safe here for the same reason a first start can be repeated: no data yet.
 */
const initialise = Effect.fnUntraced(function*(home: ServerHome, user: ServerUser, binaries: Binaries) {
  const fs = yield* FileSystem.FileSystem
  const password = yield* randomPassword
  yield* writePassword(home.passwordFile, password, user)
  const unfinished = path.join(home.folder, `${UNFINISHED}${randomUUID()}`)
  const made = yield* run(binaries.initdb, [
    `--pgdata=${unfinished}`,
    "--username=postgres",
    `--pwfile=${home.passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions"
  ], { as: user, env: { ...SERVER_ENV } })
  if (made.code !== 0) {
    return yield* EmbeddedPostgresError.startFailed(
      `PostgreSQL could not make its data in ${home.folder}`,
      `${lastLines(made.output)}${/look up effective user/.test(made.output) ? NAMELESS : ""}`
    )
  }
  yield* fs.rename(unfinished, home.cluster)
  return password
})

/**
 * Of no importance to the cluster, hence without failure: an initdb whose tt-worker was killed may still be writing;
 * it gives up when its folder goes away.
 */
const removeUnfinished = Effect.fnUntraced(function*(home: ServerHome) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* fs.readDirectory(home.folder)
  yield* Effect.forEach(
    names.filter((name) => name.startsWith(UNFINISHED)),
    (name) =>
      fs.remove(path.join(home.folder, name), { recursive: true, force: true }).pipe(
        Effect.retry({ times: 5, schedule: Schedule.spaced("100 millis") }),
        Effect.ignore
      )
  )
})

/**
 * The password file was lost: whoever may run the server on its files may set a new one. Single-user mode; the
 * server must not be running.
 */
const replacePassword = Effect.fnUntraced(function*(home: ServerHome, user: ServerUser, binaries: Binaries) {
  const password = yield* randomPassword
  yield* writePassword(home.passwordFile, password, user)
  const set = yield* run(binaries.postgres, ["--single", "-D", home.cluster, "-c", "log_statement=none", "postgres"], {
    as: user,
    env: { ...SERVER_ENV },
    input: `ALTER ROLE postgres PASSWORD '${Redacted.value(password)}';\n`
  })
  if (set.code !== 0) {
    return yield* EmbeddedPostgresError.startFailed(`The lost ${home.passwordFile} could not be replaced`, lastLines(set.output))
  }
  return password
})

const lastLines = (text: string): string => text.trim().split("\n").slice(-2).join("\n")
