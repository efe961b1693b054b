import { Schema } from "effect"

const Reason = Schema.Literals([
  "in-use",
  "unwritable",
  "no-user",
  "no-binaries",
  "other-version",
  "start-failed",
  "server-died"
])

/**
 * Why the embedded PostgreSQL is not available. `message` is one line for the person at the terminal: what was
 * found, where, and what to do. Trying again by itself helps for none of them.
 */
export class EmbeddedPostgresError extends Schema.TaggedError<EmbeddedPostgresError>()("EmbeddedPostgresError", {
  reason: Reason,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {
  /** Another supervisor, or a command that owns the data for its time, is running on the same folder. */
  static inUse(folder: string, pid: number) {
    return new EmbeddedPostgresError({
      reason: "in-use",
      message: `Another tt-worker (pid ${pid}) is already running on the data folder ${folder}: stop that one first, ` +
        "or set DATA_DIR to another folder."
    })
  }

  static unwritable(path: string, cause: Error) {
    return new EmbeddedPostgresError({
      reason: "unwritable",
      message: `tt-worker cannot use ${path} for its data (${oneLine(innermost(cause))}): make it writable for this user, ` +
        "or set DATA_DIR to a folder that is.",
      cause
    })
  }

  static foreign(path: string, uid: number) {
    return new EmbeddedPostgresError({
      reason: "unwritable",
      message: `The database in ${path} belongs to uid ${uid}: run tt-worker as that user or as root, ` +
        "or set DATA_DIR to another folder."
    })
  }

  static noUser(name: string, output: string) {
    return new EmbeddedPostgresError({
      reason: "no-user",
      message: `PostgreSQL does not run as root, and the system user ${name} could not be made (${oneLine(output)}): ` +
        `create user ${name}, run tt-worker as an ordinary user, or set DATABASE_URL.`
    })
  }

  static noBinaries(platform: string, detail: string) {
    return new EmbeddedPostgresError({
      reason: "no-binaries",
      message: `There is no PostgreSQL for ${platform} that runs here (${oneLine(detail)}): install this package again ` +
        "with its optional dependencies and their install scripts, or set DATABASE_URL to a PostgreSQL of your own."
    })
  }

  static otherVersion(folder: string, found: string, ours: string) {
    return new EmbeddedPostgresError({
      reason: "other-version",
      message: `The database in ${folder} was made by PostgreSQL ${found}, and this tt-worker brings ${ours}: ` +
        `dump it with version ${found} and load it again, or set DATA_DIR to another folder.`
    })
  }

  static startFailed(what: string, detail: string, cause?: unknown) {
    return new EmbeddedPostgresError({ reason: "start-failed", message: `${what}: ${oneLine(detail)}`, cause })
  }

  static serverDied(what: string, detail: string) {
    return new EmbeddedPostgresError({
      reason: "server-died",
      message: `${what} while tt-worker was running (${oneLine(detail)}): start tt-worker again, it recovers the data by itself.`
    })
  }

  static dataGone(what: string, detail: string, cluster: string) {
    return new EmbeddedPostgresError({
      reason: "server-died",
      message: `${what} while tt-worker was running (${oneLine(detail)}), and its data in ${cluster} are gone: put that folder ` +
        "back and start tt-worker again, or remove what is left of it to start with an empty database."
    })
  }
}

/** The system's own words, such as "EACCES: permission denied, mkdir '…'". */
const innermost = (error: Error): string => error.cause instanceof Error ? innermost(error.cause) : error.message

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, " | ")
