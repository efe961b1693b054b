import { execFile } from "node:child_process"
import * as path from "node:path"
import { promisify } from "node:util"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Deferred, Effect, type FileSystem, Redacted, Schedule, type Scope } from "effect"
import { findBinaries } from "../../layers/embedded/binaries.ts"
import { prepareCluster } from "../../layers/embedded/cluster.ts"
import { query, urlOf } from "../../layers/embedded/connection.ts"
import { freePort } from "../../layers/embedded/freePort.ts"
import { launch, type ServerProcess } from "../../layers/embedded/launch.ts"
import { makeServerHome } from "../../layers/embedded/serverHome.ts"
import { serverUserFor } from "../../layers/embedded/serverUser.ts"
import { putBack, takeBaseBackup } from "./baseBackup.ts"
import { tempDir } from "../../test/support/tempDir.ts"

/** A PostgreSQL server that can crash, come back on the same port, and stand still. */
export interface PostgresServer {
  readonly port: number
  /** The system's user that runs it. */
  readonly owner: string
  readonly urlOf: (database: string) => string
  /** `from` is copied where it is named; nobody may be connected to it. */
  readonly makeDatabase: (name: string, from?: string, tablespace?: string) => Effect.Effect<void>
  /** A statement as the server's owner, on a connection of its own. */
  readonly administer: (statement: string) => Effect.Effect<void>
  /** A base backup, taken while it runs. */
  readonly backUp: (folder: string) => Effect.Effect<void>
  /** Kills it and starts it again on what the backup had. */
  readonly restore: (folder: string) => Effect.Effect<void>
  /** SIGKILL of the postmaster; its backends notice and go. */
  readonly kill: Effect.Effect<void>
  /** Starts it again and waits until it answers. */
  readonly start: Effect.Effect<void>
  /** SIGSTOP of the postmaster and every backend. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}

/** A process that is killed loses nothing that it has given to the system; only a power cut would. Commits are still waited for. */
const settings = { fsync: "off", full_page_writes: "off", max_connections: "300" }

const run = promisify(execFile)

const processesOf = (postmaster: number): Effect.Effect<ReadonlyArray<number>> =>
  Effect.promise(async () => {
    const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="])
    const below = stdout.trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number)).flatMap(([pid = 0, parent]) => parent === postmaster ? [pid] : [])
    return [postmaster, ...below]
  })

/** One that has ended meanwhile needs no signal. */
const signal = (pid: number, name: NodeJS.Signals): Effect.Effect<void> => Effect.ignore(Effect.try(() => process.kill(pid, name)))

/** A server of its own in a temporary folder, until the scope closes. */
export const startPostgres: Effect.Effect<PostgresServer, never, Scope.Scope> = Effect.gen(function*() {
  const dataDir = yield* tempDir
  const user = yield* serverUserFor(path.join(dataDir, "postgres"))
  const binaries = yield* findBinaries(user)
  const home = yield* makeServerHome(dataDir, user)
  const password = yield* prepareCluster(home, user, binaries)
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const port = yield* freePort
  const admin = urlOf(port, password, "postgres")
  let server: ServerProcess | null = null

  const launched = launch({ home, user, binaries, settings }, port).pipe(
    Effect.tap((child) => Effect.sync(() => void (server = child))),
    Effect.flatMap(({ ended }) =>
      Effect.raceFirst(
        query(admin, "select 1").pipe(Effect.retry({ schedule: Schedule.spaced("25 millis") })),
        Effect.flatMap(Deferred.await(ended), (how) => Effect.fail(new Error(`PostgreSQL ended: ${how}`)))
      )
    )
  )
  const start = launched.pipe(
    // The backends of a killed postmaster hold its shared memory for a moment.
    Effect.retry({ times: 40, schedule: Schedule.spaced("250 millis") }),
    Effect.asVoid,
    Effect.orDie,
    Effect.provide(context)
  )
  const everyProcess = (name: NodeJS.Signals) =>
    Effect.suspend(() =>
      server === null ? Effect.void : Effect.flatMap(processesOf(server.pid), (pids) => Effect.forEach(pids, (pid) => signal(pid, name), { discard: true })))
  const kill = Effect.suspend(() => server === null ? Effect.void : Effect.andThen(signal(server.pid, "SIGKILL"), Deferred.await(server.ended)))
  yield* Effect.acquireRelease(start, () =>
    Effect.andThen(everyProcess("SIGCONT"), Effect.suspend(() => server?.stop ?? Effect.void)))

  return {
    port,
    owner: user.name,
    urlOf: (database) => Redacted.value(urlOf(port, password, database)),
    administer: (statement) => Effect.orDie(Effect.asVoid(query(admin, statement))),
    backUp: (folder) => takeBaseBackup(Redacted.value(admin), home.cluster, folder),
    restore: (folder) => Effect.suspend(() => Effect.andThen(Effect.andThen(kill, putBack(folder, home.cluster)), start)),
    makeDatabase: (name, from = "template0", tablespace = "pg_default") =>
      query(admin, `create database ${name} template ${from} tablespace ${tablespace}`).pipe(
        Effect.retry({ times: 20, schedule: Schedule.spaced("200 millis") }),
        Effect.orDie,
        Effect.asVoid
      ),
    kill,
    start,
    pause: everyProcess("SIGSTOP"),
    resume: everyProcess("SIGCONT")
  } satisfies PostgresServer
}).pipe(Effect.orDie, Effect.provide(NodeFileSystem.layer))
