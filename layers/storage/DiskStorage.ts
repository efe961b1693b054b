import { randomBytes } from "node:crypto"
import { Clock, Duration, Effect, Layer, Redacted } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import type { StorageKey } from "../../src/domain/ids.ts"
import { ObjectStorage, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { type DiskFault, openFile, openRoot, putFile } from "./diskFiles.ts"
import { startFileServer } from "./diskFileServer.ts"
import { downloadClient } from "./downloadClient.ts"
import { checkKey } from "./objectKey.ts"
import { presignedDownload } from "./presignedDownload.ts"
import { signPath } from "./signedPath.ts"

export interface DiskStorageOptions {
  /** The folder that holds the files, each at the path that its key says; made where it is missing. */
  readonly root: string
}

/** Long enough to open the connection: the time of the reading itself does not count. */
const downloadExpiry = Duration.minutes(1)

/** Errno names that tell that there is no such file, or that there can be none of this name. */
const missingCodes: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ENAMETOOLONG", "ELOOP", "EINVAL", "ENXIO"])
const deniedCodes: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"])

const toError = (key: string) => (fault: DiskFault): StorageError =>
  new StorageError({
    key,
    reason: missingCodes.has(fault.code)
      ? StorageReason.NotFound()
      : deniedCodes.has(fault.code)
      ? StorageReason.Denied({ variable: "DATA_DIR" })
      : StorageReason.Unavailable(),
    detail: missingCodes.has(fault.code) ? "no such file" : `the disk answered ${fault.code}`,
    cause: fault
  })

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
        return yield* presignedDownload(client, url, { key, maxBytes: limit.maxBytes, deniedVariable: "DATA_DIR" })
      })

      const put = Effect.fn("ObjectStorage.put")(function*(key: StorageKey, bytes: Uint8Array, _contentType: string) {
        yield* putFile(root, key, bytes).pipe(Effect.mapError(toError(key)))
      })

      const head = Effect.fn("ObjectStorage.head")(function*(key: StorageKey) {
        const { size } = yield* Effect.scoped(openFile(root, key)).pipe(Effect.mapError(toError(key)))
        return { size, contentType: null }
      })

      return ObjectStorage.of({ presignGet, download, put, head })
    })
  ).pipe(Layer.provide(downloadClient))
