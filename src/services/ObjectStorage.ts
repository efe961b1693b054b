import { Context, Data, type Duration, type Effect, type Redacted, type Scope, type Stream } from "effect"
import type { StorageKey } from "../domain/ids.ts"
import type { Failure } from "../domain/Failure.ts"
import { sizeInWords } from "../domain/plainWords.ts"
import { Retry } from "../domain/Retry.ts"

export interface StoredObject {
  readonly size: number
  readonly contentType: string | null
}

/** Bytes that have come in. They lie on this machine's disk, not in memory, until the scope closes. */
export interface ReceivedObject {
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
  /** Puts them under a key, whole or not at all. Safe to try again. */
  readonly store: (key: StorageKey, contentType: string) => Effect.Effect<void, StorageError>
  /** All of them in memory. */
  readonly read: Effect.Effect<Uint8Array, StorageError>
}

/**
 * Files by key: S3/RustFS in production, a folder in embedded mode. Reading goes through a signed URL that
 * expires, in both. Keys are the rows' own; a key that leaves its folder or bucket is `NotFound`.
 */
export class ObjectStorage extends Context.Service<ObjectStorage, {
  /** A URL that reads this object without further credentials until it expires. It is a secret. */
  readonly presignGet: (key: StorageKey, expiresIn: Duration.Duration) => Effect.Effect<Redacted.Redacted<string>, StorageError>
  /** The object's bytes, through a presigned URL; fails with `TooLarge` as soon as more than `maxBytes` have come. */
  readonly download: (key: StorageKey, options: { readonly maxBytes: number }) => Effect.Effect<Uint8Array, StorageError>
  /** Stores new bytes. An existing object under that key is replaced whole or not at all. */
  readonly put: (key: StorageKey, bytes: Uint8Array, contentType: string) => Effect.Effect<void, StorageError>
  /** For what is only known by its bytes: taken in first, and then put where it belongs. Fails as the stream does. */
  readonly receive: <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Effect.Effect<ReceivedObject, StorageError | E, R | Scope.Scope>
  readonly head: (key: StorageKey) => Effect.Effect<StoredObject, StorageError>
}>()("tt-worker/services/ObjectStorage") {}

export type StorageReason = Data.TaggedEnum<{
  NotFound: {}
  /** `size` in bytes where the other side said it. */
  TooLarge: { readonly limit: number; readonly size: number | null }
  /** Credentials or permissions: `variable` is the environment variable to look at. */
  Denied: { readonly variable: string }
  RateLimited: { readonly after: Duration.Duration }
  Unavailable: {}
}>
export const StorageReason = Data.taggedEnum<StorageReason>()

/** `detail` says what happened, for operators, without URLs, queries or credentials. */
export class StorageError
  extends Data.TaggedError("StorageError")<{ readonly key: string; readonly reason: StorageReason; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `storage object "${this.key}": ${this.detail}`
  }
  get code(): string {
    return StorageReason.$match(this.reason, {
      NotFound: () => "file-missing",
      TooLarge: () => "file-too-large",
      Denied: () => "storage-denied",
      RateLimited: () => "storage-rate-limited",
      Unavailable: () => "storage-unavailable"
    })
  }
  get retry(): Retry {
    return StorageReason.$match(this.reason, {
      NotFound: () => Retry.Permanent(),
      TooLarge: () => Retry.Permanent(),
      Denied: () => Retry.Permanent(),
      RateLimited: ({ after }) => Retry.RateLimited({ after }),
      Unavailable: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    return StorageReason.$match(this.reason, {
      NotFound: () => "The uploaded file could not be found in the file storage. Please upload the invoice again.",
      TooLarge: ({ limit, size }) =>
        `The file is too large${size === null ? "" : ` (${sizeInWords(size)})`}: at most ${sizeInWords(limit)} can be read. Please upload a smaller scan or photo.`,
      Denied: () => "The file storage refused access. Your file is safe; please tell the support, then have the invoice processed again.",
      RateLimited: () => "The file storage is busy. The invoice will be tried again by itself.",
      Unavailable: () => "The file storage could not be reached. Your file is safe; please have the invoice processed again later."
    })
  }
}
