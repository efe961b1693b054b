import { DateTime, Effect, Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { StorageKey, type TenantId } from "../../src/domain/ids.ts"
import type { StorageError } from "../../src/services/ObjectStorage.ts"
import { FileErasure, TenantErasureError } from "../../src/services/TenantErasure.ts"
import { DiskFault } from "./DiskFault.ts"
import { filesBelow, removeEmptyFolders, removeFile } from "./diskFiles.ts"
import { openRoot } from "./diskRoot.ts"
import { checkKey } from "./objectKey.ts"
import { openS3, type S3StorageOptions } from "./s3Client.ts"
import { toError } from "./S3Storage.ts"

const failed = (key: string) => (cause: DiskFault | StorageError) =>
  new TenantErasureError({ detail: cause instanceof DiskFault ? `the file "${key}" could not be removed (${cause.code})` : cause.message, cause })

export const onDisk = (options: { readonly root: string }): Layer.Layer<FileErasure, TenantErasureError> =>
  Layer.effect(FileErasure, Effect.map(Effect.mapError(openRoot(options.root), failed("")), (root) =>
    FileErasure.of({
      erase: Effect.fn("FileErasure.erase")((key: StorageKey) => removeFile(root, key).pipe(Effect.mapError(failed(key)))),
      under: Effect.fn("FileErasure.under")((tenantId: TenantId) =>
        filesBelow(root, StorageKey.make(tenantId)).pipe(Effect.map((keys) => keys.map((key) => StorageKey.make(key))), Effect.mapError(failed(`${tenantId}/`)))
      ),
      tidy: Effect.fn("FileErasure.tidy")((tenantId: TenantId) => removeEmptyFolders(root, StorageKey.make(tenantId)).pipe(Effect.mapError(failed(`${tenantId}/`))))
    })))

/** The bucket must let this key list and delete. With versioning on, the bucket keeps older versions until its own rules remove them. */
export const inS3 = (options: S3StorageOptions): Layer.Layer<FileErasure> =>
  Layer.effect(FileErasure, Effect.gen(function*() {
    const { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
    const client = yield* openS3(options)
    const Bucket = options.bucket
    const ask = <A>(key: StorageKey, send: (abortSignal: AbortSignal) => Promise<A>) =>
      Effect.tryPromise({ try: send, catch: (cause) => cause }).pipe(
        Effect.catch((cause) => Effect.flatMap(DateTime.now, (now) => Effect.fail(toError(key, cause, now))))
      )
    return FileErasure.of({
      erase: Effect.fn("FileErasure.erase")((key: StorageKey) =>
        checkKey(key).pipe(
          // Deleting what is not there is a success to S3.
          Effect.andThen(ask(key, (abortSignal) => client.send(new HeadObjectCommand({ Bucket, Key: key }), { abortSignal }))),
          Effect.andThen(ask(key, (abortSignal) => client.send(new DeleteObjectCommand({ Bucket, Key: key }), { abortSignal }))),
          Effect.as(true),
          Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed(false)),
          Effect.mapError(failed(key))
        )
      ),
      under: Effect.fn("FileErasure.under")(function*(tenantId: TenantId) {
        const Prefix = StorageKey.make(`${tenantId}/`)
        const keys: Array<StorageKey> = []
        for (let ContinuationToken: string | undefined; ;) {
          const page = yield* ask(Prefix, (abortSignal) =>
            client.send(new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken === undefined ? {} : { ContinuationToken }) }), { abortSignal })).pipe(Effect.mapError(failed(Prefix)))
          for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(StorageKey.make(Key))
          ContinuationToken = page.NextContinuationToken
          if (ContinuationToken === undefined) return keys
        }
      }),
      tidy: () => Effect.void
    })
  }))

/** Where the files are, as the settings say. */
export const layer = ({ dataDir, storage }: Settings): Layer.Layer<FileErasure, TenantErasureError> =>
  storage._tag === "disk" ? onDisk({ root: `${dataDir}/files` }) : inS3(storage)
