import { Deferred, type Duration, Effect, FileSystem } from "effect"
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import type { Binaries } from "./binaries.ts"
import { SERVER_ENV } from "./cluster.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { asUser } from "./run.ts"
import type { ServerHome } from "./serverHome.ts"
import type { ServerUser } from "./serverUser.ts"

/** Server settings by name, as in postgresql.conf. */
export type ServerSettings = Readonly<Record<string, string>>

/** The server's process, ready or not. */
export interface ServerProcess {
  readonly pid: number
  /** Completes with how it ended. */
  readonly ended: Deferred.Deferred<string>
  readonly isStopping: () => boolean
  /** Stops it and waits until it is gone, with force after a while. Does nothing when it is gone. */
  readonly stop: Effect.Effect<void>
}

/**
 * Statement texts and row contents (invoice data) stay out of the server's log, and so does routine.
 */
const SETTINGS: ServerSettings = {
  max_connections: "200",
  lc_messages: "C",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off"
}

/** A fast stop drops the clients and writes a checkpoint. */
const FAST_STOP_WITHIN: Duration.Input = "15 seconds"
/** An immediate stop writes nothing; the next start recovers. */
const QUICK_STOP_WITHIN: Duration.Input = "5 seconds"

/**
 * Spawns the postmaster in a session of its own, so that a Ctrl-C in the terminal reaches us alone and the drain
 * still has its database. The log of the start before is kept as `server.log.1`.
 */
export const launch = Effect.fnUntraced(function*(options: {
  readonly home: ServerHome
  readonly user: ServerUser
  readonly binaries: Binaries
  readonly settings: ServerSettings
}, port: number) {
  const { binaries, home, settings, user } = options
  const fs = yield* FileSystem.FileSystem
  yield* Effect.ignore(fs.rename(home.logFile, `${home.logFile}.1`))
  const ended = yield* Deferred.make<string>()
  const child = yield* Effect.try({
    try: () => {
      const log = openSync(home.logFile, "a", 0o600)
      try {
        return spawn(binaries.postgres, [
          "-D",
          home.cluster,
          "-p",
          String(port),
          "-h",
          "127.0.0.1",
          "-k",
          "",
          ...Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`])
        ], { ...asUser(user), cwd: home.folder, env: { ...SERVER_ENV }, detached: true, stdio: ["ignore", log, log] })
      } finally {
        closeSync(log)
      }
    },
    catch: (cause) => EmbeddedPostgresError.startFailed(`PostgreSQL does not start on ${home.cluster}`, String(cause), cause)
  })
  child.once("error", (error) => Deferred.doneUnsafe(ended, Effect.succeed(error.message)))
  child.once("exit", (code, signal) =>
    Deferred.doneUnsafe(ended, Effect.succeed(signal === null ? `exit code ${code}` : `killed by ${signal}`)))

  let stopping = false
  const signalled = (signal: NodeJS.Signals, patience: Duration.Input) =>
    Effect.suspend(() => {
      child.kill(signal)
      return Effect.timeoutOption(Deferred.await(ended), patience)
    })
  const stop = Effect.gen(function*() {
    stopping = true
    if (yield* Deferred.isDone(ended)) return
    const fast = yield* signalled("SIGINT", FAST_STOP_WITHIN)
    const quick = fast._tag === "Some" ? fast : yield* signalled("SIGQUIT", QUICK_STOP_WITHIN)
    if (quick._tag === "None") yield* signalled("SIGKILL", QUICK_STOP_WITHIN)
  })
  const server: ServerProcess = { pid: child.pid ?? 0, ended, isStopping: () => stopping, stop }
  return server
})
