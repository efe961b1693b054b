import { opendir } from "node:fs/promises"
import * as path from "node:path"
import { DateTime, Effect, Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { StorageKey } from "../../src/domain/ids.ts"
import { StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { StoredFiles } from "../../src/services/StoredFiles.ts"
import { attempt, type DiskFault } from "./DiskFault.ts"
import { isReserved, openRoot } from "./diskRoot.ts"
import { openS3, type S3StorageOptions } from "./s3Client.ts"
import { toError } from "./S3Storage.ts"

const failed = ({ code }: DiskFault) => new StorageError({ key: "", reason: StorageReason.Unavailable(), detail: `the folder of files could not be listed (${code})` })

const walk = async (folder: string, most: number): Promise<ReadonlyArray<StorageKey>> => {
  const keys: Array<StorageKey> = []
  for await (const entry of await opendir(folder, { recursive: true })) {
    const key = path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep)
    if (!entry.isFile() || isReserved(key[0] ?? "")) continue
    keys.push(StorageKey.make(key.join("/")))
    if (keys.length > most) break
  }
  return keys
}

const upTo = (keys: ReadonlyArray<StorageKey>, most: number) => ({ keys: keys.slice(0, most), more: keys.length > most })

export const onDisk = (options: { readonly root: string }): Layer.Layer<StoredFiles, StorageError> =>
  Layer.effect(StoredFiles, Effect.map(Effect.mapError(openRoot(options.root), failed), ({ folder }) =>
    StoredFiles.of({
      list: Effect.fn("StoredFiles.list")((most: number) =>
        attempt(() => walk(folder, most)).pipe(Effect.mapError(failed), Effect.map((keys) => upTo(keys, most)))
      )
    })))

/** The bucket must let this key list it. */
export const inS3 = (options: S3StorageOptions): Layer.Layer<StoredFiles> =>
  Layer.effect(StoredFiles, Effect.gen(function*() {
    const { ListObjectsV2Command } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
    const client = yield* openS3(options)
    const pages = async (most: number, abortSignal: AbortSignal): Promise<ReadonlyArray<StorageKey>> => {
      const keys: Array<StorageKey> = []
      let token: string | undefined
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: options.bucket, ContinuationToken: token }), { abortSignal })
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key === undefined ? [] : [StorageKey.make(Key)]))
        token = page.NextContinuationToken
      } while (token !== undefined && keys.length <= most)
      return keys
    }
    return StoredFiles.of({
      list: Effect.fn("StoredFiles.list")((most: number) =>
        Effect.tryPromise({ try: (signal) => pages(most, signal), catch: (cause) => cause }).pipe(
          Effect.catch((cause) => Effect.flatMap(DateTime.now, (now) => Effect.fail(toError("", cause, now)))),
          Effect.map((keys) => upTo(keys, most))
        )
      )
    })
  }))

/** Where the files are, as the settings say. */
export const layer = ({ dataDir, storage }: Settings): Layer.Layer<StoredFiles, StorageError> =>
  storage._tag === "disk" ? onDisk({ root: `${dataDir}/files` }) : inS3(storage)
