import { Data, Effect, FileSystem } from "effect"
import { maxFileBytes } from "../../src/domain/limits.ts"
import { DocumentError, DocumentReason } from "../../src/services/DocumentReader.ts"

/** A file named on the command line that cannot be read. */
export class FileUnreadable extends Data.TaggedError("FileUnreadable")<{ readonly file: string; readonly problem: string }> {
  readonly code = "file-not-readable"
  override get message(): string {
    return `${this.file}: ${this.problem}`
  }
  get plainWords(): string {
    return this.problem
  }
}

/** The bytes of a local file; one over the size limit is refused before it is loaded. */
export const readFile = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const unreadable = (problem: string) => () => new FileUnreadable({ file, problem })
  const info = yield* fs.stat(file).pipe(Effect.mapError(unreadable("no such file, or no permission to read it")))
  if (info.type !== "File") return yield* new FileUnreadable({ file, problem: "not a file" })
  const size = Number(info.size)
  if (size > maxFileBytes) {
    return yield* new DocumentError({
      reason: DocumentReason.TooLarge({ bytes: size, limit: maxFileBytes }),
      detail: `the file has ${size} bytes, more than ${maxFileBytes}`
    })
  }
  return yield* fs.readFile(file).pipe(Effect.mapError(unreadable("it could not be read")))
})
