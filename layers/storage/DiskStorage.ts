import { randomBytes } from "node:crypto"
import * as fs from "node:fs/promises"
import { Clock, Duration, Effect, Layer, Redacted, type Scope, type Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import type { StorageKey } from "../../src/domain/ids.ts"
import { ObjectStorage, type ReceivedObject, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { attempt, DiskFault, type FaultKind, rootGone } from "./DiskFault.ts"
import { openFile, placeFile, putFile } from "./diskFiles.ts"
import { startFileServer } from "./diskFileServer.ts"
import { checkRoot, type DiskRoot, openRoot } from "./diskRoot.ts"
import { downloadClient } from "./downloadClient.ts"
import { checkKey } from "./objectKey.ts"
import { presignedDownload } from "./presignedDownload.ts"
import { signPath } from "./signedPath.ts"
import { spool } from "./spool.ts"

export interface DiskStorageOptions {
  /** The folder that holds the files, each at the path that its key says; made where it is missing. */
  readonly root: string
}

/** Long enough to open the connection: the time of the reading itself does not count. */
const downloadExpiry = Duration.minutes(1)

const detailOf = (root: DiskRoot, fault: DiskFault): string => {
  if (fault.code === rootGone) {
    return `the folder ${root.folder} is gone or another one is in its place: put it back or mount its disk again (DATA_DIR says where it is)`
  }
  return fault.kind === "missing" ? "no such file" : `the disk answered ${fault.code}`
}

const reasonOf: Readonly<Record<FaultKind, StorageReason>> = {
  missing: StorageReason.NotFound(),
  denied: StorageReason.Denied({ variable: "DATA_DIR" }),
  passing: StorageReason.Unavailable()
}

const toError = (root: DiskRoot, key: string) => (fault: DiskFault): StorageError =>
  new StorageError({ key, reason: reasonOf[fault.kind], detail: detailOf(root, fault), cause: fault })

const toStartError = (root: string) => (fault: DiskFault): StorageError =>
  new StorageError({
    key: root,
    reason: StorageReason.Denied({ variable: "DATA_DIR" }),
    detail: `the folder cannot be made or used (${fault.code}); DATA_DIR says where it is`,
    cause: fault
  })

/**
 * Files in a folder, for embedded mode. Each process on the folder has a file server of its own, whose URLs end
 * with it (the secret is made at start). The content type is not kept: kinds are told by the bytes.
 */
export const layer = (options: DiskStorageOptions): Layer.Layer<ObjectStorage, StorageError> =>
  Layer.effect(
    ObjectStorage,
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const root = yield* openRoot(options.root).pipe(Effect.mapError(toStartError(options.root)))
      const secret = randomBytes(32)
      const baseUrl = yield* startFileServer({ root, secret })

      const presignGet = Effect.fn("ObjectStorage.presignGet")(function*(key: StorageKey, expiresIn: Duration.Duration) {
        yield* checkKey(key)
        const expires = Math.floor((yield* Clock.currentTimeMillis) + Duration.toMillis(expiresIn))
        return Redacted.make(baseUrl + signPath(secret, key, expires), { label: "presigned URL" })
      })

      const download = Effect.fn("ObjectStorage.download")(function*(key: StorageKey, limit: { readonly maxBytes: number }) {
        const url = yield* presignGet(key, downloadExpiry)
        return yield* presignedDownload(client, url, { key, maxBytes: limit.maxBytes, deniedVariable: "DATA_DIR" }).pipe(
          // The file server says 503 at most; what is wrong with the folder is said here.
          Effect.tapError(({ reason }) =>
            reason._tag === "Unavailable" ? checkRoot(root).pipe(Effect.mapError(toError(root, key))) : Effect.void)
        )
      })

      const put = Effect.fn("ObjectStorage.put")(function*(key: StorageKey, bytes: Uint8Array, _contentType: string) {
        yield* putFile(root, key, bytes).pipe(Effect.mapError(toError(root, key)))
      })

      const receive = Effect.fn("ObjectStorage.receive")(
        function*<E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Effect.fn.Return<ReceivedObject, StorageError | E, R | Scope.Scope> {
          const failed = toError(root, "incoming")
          yield* checkRoot(root).pipe(Effect.mapError(failed))
          const { file, sha256, size } = yield* spool(root.incoming, bytes).pipe(Effect.mapError((error) => error instanceof DiskFault ? failed(error) : error))
          return {
            size,
            sha256,
            store: Effect.fn("ObjectStorage.store")((key: StorageKey) => Effect.mapError(placeFile(root, key, file), toError(root, key))),
            read: attempt(() => fs.readFile(file)).pipe(Effect.mapError(failed))
          }
        }
      )

      const head = Effect.fn("ObjectStorage.head")(function*(key: StorageKey) {
        const { size } = yield* Effect.scoped(openFile(root, key)).pipe(Effect.mapError(toError(root, key)))
        return { size, contentType: null }
      })

      return ObjectStorage.of({ presignGet, download, put, receive, head })
    })
  ).pipe(Layer.provide(downloadClient))
