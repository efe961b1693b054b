import { Data, Effect } from "effect"

/** The code of a fault that is the whole folder's: it is gone, or another one has taken its place. */
export const rootGone = "ROOT_GONE"

/** What a fault says of the object that was asked for. */
export type FaultKind = "missing" | "denied" | "passing"

/** Errno names that tell that there is no such file, or that there can be none of this name. */
const missingCodes: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ENAMETOOLONG", "ELOOP", "EINVAL", "ENXIO"])
const deniedCodes: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"])

/** A file operation that failed. `code` is Node's errno name or `rootGone`; ENOENT also stands for a key that leaves the folder. */
export class DiskFault extends Data.TaggedError("DiskFault")<{ readonly code: string }> {
  override get message(): string {
    return `file operation failed: ${this.code}`
  }

  /** What is not known to be the file's own fault passes: "missing" ends a job for good. */
  get kind(): FaultKind {
    return missingCodes.has(this.code) ? "missing" : deniedCodes.has(this.code) ? "denied" : "passing"
  }

  static from(cause: unknown): DiskFault {
    return new DiskFault({ code: cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "EUNKNOWN" })
  }
}

/** A file operation of Node's. */
export const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, DiskFault> => Effect.tryPromise({ try: run, catch: DiskFault.from })
