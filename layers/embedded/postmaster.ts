import { Deferred, Effect, FileSystem, Option, type Redacted, Schedule } from "effect"
import type { Binaries } from "./binaries.ts"
import { ConnectionError, INVALID_PASSWORD, query, urlOf } from "./connection.ts"
import { diedOn } from "./diedOn.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { launch, type ServerSettings } from "./launch.ts"
import { freePort } from "./freePort.ts"
import { recoverPostmaster } from "./postmasterRecovery.ts"
import type { ServerHome } from "./serverHome.ts"
import type { ServerUser } from "./serverUser.ts"

/** A server that answers. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** Never succeeds; fails when the process ends although nobody here stopped it. */
  readonly died: Effect.Effect<never, EmbeddedPostgresError>
}

/** Crash recovery after a power cut reads up to a gigabyte of write-ahead log, maybe from a slow disk. */
const READY_WITHIN = "2 minutes"

/**
 * Starts the server on a free loopback port and waits until it answers a query; stops it when the scope closes.
 *
 * A start that ends early is tried twice more: another program may have taken the port meanwhile, the backends of a
 * killed postmaster still hold its shared memory for some milliseconds, or the postmaster of a tt-worker that was
 * killed in the middle of its own start comes up only now.
 */
export const startPostmaster = Effect.fn("EmbeddedPostgres.start")(function*(options: {
  readonly home: ServerHome
  readonly user: ServerUser
  readonly binaries: Binaries
  readonly password: Redacted.Redacted
  readonly settings: ServerSettings
}) {
  const { home } = options
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const start = Effect.gen(function*() {
    yield* recoverPostmaster(home.cluster)
    const port = yield* freePort
    const child = yield* Effect.acquireRelease(launch(options, port), (child) => child.stop)
    const ended = Effect.gen(function*() {
      const how = yield* Deferred.await(child.ended)
      const said = yield* lastWords(home)
      return yield* EmbeddedPostgresError.startFailed(`PostgreSQL does not start on ${home.cluster}`, said || how)
    })
    const answer = yield* Effect.raceFirst(Effect.exit(firstAnswer(options, port)), ended)
    return { port, child, answer }
  })
  const { answer, child, port } = yield* Effect.retry(start, { times: 2, schedule: Schedule.spaced("300 millis") })
  yield* answer
  const died = Effect.gen(function*() {
    const how = yield* Deferred.await(child.ended)
    if (child.isStopping()) return yield* Effect.never
    return yield* diedOn(home.cluster, `PostgreSQL on ${home.cluster} ended`, how)
  }).pipe(Effect.provide(context))
  const postmaster: Postmaster = { pid: child.pid, port, died }
  return postmaster
})

/** Waits until the server answers `select 1` to our password. */
const firstAnswer = (options: { readonly home: ServerHome; readonly password: Redacted.Redacted }, port: number) =>
  query(urlOf(port, options.password, "postgres"), "select 1").pipe(
    Effect.retry({
      while: (error) => error.code !== INVALID_PASSWORD,
      schedule: Schedule.spaced("25 millis")
    }),
    Effect.timeoutOrElse({
      duration: READY_WITHIN,
      orElse: () => Effect.fail(new ConnectionError({ code: "timeout", cause: new Error(`no answer in ${READY_WITHIN}`) }))
    }),
    Effect.mapError((error) =>
      error.code === INVALID_PASSWORD
        ? EmbeddedPostgresError.startFailed(
          `PostgreSQL on ${options.home.cluster} does not accept the password in ${options.home.passwordFile}`,
          "delete that file and start again: a new password is set then"
        )
        : EmbeddedPostgresError.startFailed(`PostgreSQL on ${options.home.cluster} cannot be reached`, error.message, error)
    ),
    Effect.asVoid
  )

/** Why the server gave up, in its own words. */
const lastWords = Effect.fnUntraced(function*(home: ServerHome) {
  const fs = yield* FileSystem.FileSystem
  const log = yield* Effect.option(fs.readFileString(home.logFile))
  const lines = Option.getOrElse(log, () => "").split("\n")
  return lines.filter((line) => /\b(FATAL|PANIC):|error while loading/.test(line)).slice(-2).join("\n")
})
