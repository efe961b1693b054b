import { Effect, FileSystem, Option, Schedule } from "effect"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { commandLineOf, startOf } from "./processIdentity.ts"

/**
 * Makes way for a new server after a supervisor that was killed: its postmaster lives on, or its `postmaster.pid`
 * does. Only to be called by the owner of the data folder's lock.
 *
 * - The pid is dead: left as it is. PostgreSQL takes it over, and reads in it which shared memory to check first.
 * - The pid is a postmaster on this very cluster: stopped.
 * - The pid belongs to another program, or the file stays empty (the machine lost power): the file is removed, since
 *   PostgreSQL looks no further than the pid, and refuses an empty file.
 */
export const recoverPostmaster = Effect.fn("EmbeddedPostgres.recover")(function*(cluster: string) {
  const fs = yield* FileSystem.FileSystem
  const file = path.join(cluster, "postmaster.pid")
  const content = yield* fs.readFileString(file).pipe(
    // A postmaster that is just starting makes the file first and fills it then.
    Effect.repeat({ until: (text) => text !== "", times: 10, schedule: Schedule.spaced("50 millis") }),
    Effect.option
  )
  if (Option.isNone(content)) return
  const pid = Number(content.value.split("\n")[0])
  if (pid > 0 && !exists(pid)) return
  const command = pid > 0 ? yield* commandLineOf(pid) : ""
  if (isPostmasterOf(command, cluster)) {
    yield* Effect.logInfo(`stopping the PostgreSQL server (pid ${pid}) that an earlier tt-worker left running on ${cluster}`)
    return yield* stopOrphan(pid, cluster)
  }
  yield* Effect.ignore(fs.remove(file, { force: true }))
})

/** Whether a command line is that of `postgres -D <cluster> …`. */
export const isPostmasterOf = (command: string, cluster: string): boolean =>
  /(^|\/)postgres -D /.test(command) && command.includes(` -D ${cluster} `)

/** Fast stop, then harder: SIGINT drops clients and writes a checkpoint, SIGQUIT leaves the rest to crash recovery. */
const STEPS = [
  { signal: "SIGINT", patience: "15 seconds" },
  { signal: "SIGQUIT", patience: "5 seconds" },
  { signal: "SIGKILL", patience: "5 seconds" }
] as const

const stopOrphan = Effect.fnUntraced(function*(pid: number, cluster: string) {
  for (const { signal, patience } of STEPS) {
    yield* Effect.try({
      try: () => process.kill(pid, signal),
      catch: (cause) => cause
    }).pipe(Effect.ignore)
    const gone = yield* startOf(pid).pipe(
      Effect.repeat({ until: Option.isNone, schedule: Schedule.spaced("50 millis") }),
      Effect.timeoutOption(patience)
    )
    if (Option.isSome(gone)) return
  }
  return yield* EmbeddedPostgresError.startFailed(
    `A PostgreSQL server (pid ${pid}) that an earlier tt-worker left running on ${cluster} does not stop`,
    `stop it with: kill -9 ${pid}`
  )
})

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
