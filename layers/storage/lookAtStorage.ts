import { randomUUID } from "node:crypto"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Duration, Effect } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { StorageKey } from "../../src/domain/ids.ts"
import type { Problem, Seen } from "../../src/services/Dependencies.ts"
import { ObjectStorage, type StorageError } from "../../src/services/ObjectStorage.ts"
import { openS3 } from "./s3Client.ts"
import * as Storage from "./Storage.ts"

const content = new TextEncoder().encode("tt-worker doctor\n")

/** Deleting is nothing that the worker does: only this look cleans up after itself. */
const remove = ({ dataDir, storage }: Settings, key: StorageKey): Effect.Effect<void, unknown> =>
  storage._tag === "disk"
    ? Effect.tryPromise(() => fs.rm(path.join(dataDir, "files", path.dirname(key)), { recursive: true }))
    : Effect.scoped(Effect.gen(function*() {
      const { DeleteObjectCommand } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
      const client = yield* openS3(storage)
      yield* Effect.tryPromise((abortSignal) => client.send(new DeleteObjectCommand({ Bucket: storage.bucket, Key: key }), { abortSignal }))
    }))

const fixOf = ({ reason }: StorageError): string => {
  switch (reason._tag) {
    case "Denied":
      return `look at ${reason.variable}, and at what this user may do there: s3:PutObject and s3:GetObject, or writing in the folder`
    case "NotFound":
      return "what was written could not be found again: is there a proxy or a rule that hides or moves new files?"
    default:
      return "see that the storage runs and that the network leads there; jobs are tried again meanwhile"
  }
}

/** Writes, reads and deletes a small file below `tt-worker-doctor/`. */
export const lookAtStorage = (settings: Settings): Effect.Effect<Seen, { readonly message: string }> =>
  Effect.gen(function*() {
    const storage = yield* ObjectStorage
    const key = StorageKey.make(`tt-worker-doctor/${randomUUID()}`)
    const works: Array<string> = []
    const problems: Array<Problem> = []
    let millis: number | null = null
    const step = <A>(word: string, use: Effect.Effect<A, StorageError>) =>
      Effect.timed(use).pipe(
        Effect.tap(([took]) => Effect.sync(() => {
          works.push(word)
          millis ??= Duration.toMillis(took)
        })),
        Effect.catch((error) => Effect.sync(() => {
          problems.push({ what: `it cannot ${word} a file: ${error.detail}`, fix: fixOf(error), serious: true })
          return null
        }))
      )
    const written = yield* step("write", storage.put(key, content, "text/plain"))
    if (written !== null) {
      yield* step("read", storage.download(key, { maxBytes: 1024 }))
      yield* remove(settings, key).pipe(
        Effect.match({
          onSuccess: () => void works.push("delete"),
          onFailure: () => void problems.push({ what: `it cannot delete a file: ${key} stays`, fix: "the worker never deletes; allow s3:DeleteObject below tt-worker-doctor/, or remove the file", serious: false })
        })
      )
    }
    return { version: null, millis, works, problems }
  }).pipe(Effect.provide(Storage.layer(settings)), Effect.scoped)
