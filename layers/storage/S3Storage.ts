import type { S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3"
import { DateTime, Duration, Effect, Layer, Predicate, Redacted } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import type { StorageKey } from "../../src/domain/ids.ts"
import { ObjectStorage, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { parseRetryAfter } from "../http/retryAfter.ts"
import { downloadClient } from "./downloadClient.ts"
import { checkKey } from "./objectKey.ts"
import { presignedDownload } from "./presignedDownload.ts"
import { answerInWords, reasonOfAnswer, type StorageAnswer } from "./storageAnswer.ts"

export interface S3StorageOptions {
  /** The server's URL; null is Amazon's own for the region. */
  readonly endpoint: string | null
  readonly bucket: string
  /** RustFS and MinIO take any; "us-east-1" unless told. */
  readonly region?: string | undefined
  readonly accessKeyId: Redacted.Redacted<string>
  readonly secretAccessKey: Redacted.Redacted<string>
  /** For temporary credentials. */
  readonly sessionToken?: Redacted.Redacted<string> | undefined
  /** `endpoint/bucket/key` (RustFS, MinIO) instead of `bucket.endpoint/key` (Amazon). */
  readonly forcePathStyle: boolean
  /** For one request, and for a whole download; 60 s unless told. */
  readonly timeout?: Duration.Duration | undefined
  /** A download without a byte; 15 s unless told. */
  readonly idleTimeout?: Duration.Duration | undefined
}

/** Long enough to open the connection: the time of the reading itself does not count. */
const downloadExpiry = Duration.minutes(5)

/** Where an answer names no other: the half of the pair that is mistyped most. */
const deniedVariable = "S3_SECRET_ACCESS_KEY"

const isServiceException = (cause: unknown): cause is S3ServiceException =>
  cause instanceof Error && "$metadata" in cause && Predicate.isObject(cause.$metadata) && "httpStatusCode" in cause.$metadata

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : ""

/** The SDK's errors carry the signed request, so only status, code and request id go on. */
export const toError = (key: string, cause: unknown, now: DateTime.DateTime): StorageError => {
  if (!isServiceException(cause)) {
    return new StorageError({ key, reason: StorageReason.Unavailable(), detail: `the storage could not be reached${codeOf(cause)}` })
  }
  const answer: StorageAnswer = {
    status: cause.$metadata.httpStatusCode ?? 500,
    code: /^[A-Za-z][A-Za-z0-9.]{0,63}$/.test(cause.name) && cause.name !== "UnknownError" ? cause.name : null,
    retryAfter: parseRetryAfter(cause.$response?.headers["retry-after"], now)
  }
  return new StorageError({
    key,
    reason: reasonOfAnswer(answer, deniedVariable),
    detail: answerInWords(answer),
    cause: { ...answer, requestId: cause.$metadata.requestId ?? null }
  })
}

export const clientConfig = (options: S3StorageOptions): S3ClientConfig => ({
  ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
  region: options.region ?? "us-east-1",
  forcePathStyle: options.forcePathStyle,
  credentials: {
    accessKeyId: Redacted.value(options.accessKeyId),
    secretAccessKey: Redacted.value(options.secretAccessKey),
    ...(options.sessionToken === undefined ? {} : { sessionToken: Redacted.value(options.sessionToken) })
  },
  // Trying again is decided by the job: a second layer of retries would multiply with it.
  maxAttempts: 1,
  // The SDK's own checksums are framed into the body, and servers that do not know them store the frames.
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED"
})

/** Files in an S3-compatible bucket (RustFS in production). The SDK is loaded when the layer is built. */
export const layer = (options: S3StorageOptions): Layer.Layer<ObjectStorage> =>
  Layer.effect(
    ObjectStorage,
    Effect.gen(function*() {
      const http = yield* HttpClient.HttpClient
      const { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
      const { getSignedUrl } = yield* Effect.promise(() => import("@aws-sdk/s3-request-presigner"))
      const Bucket = options.bucket
      const timeout = options.timeout ?? Duration.seconds(60)

      const client = yield* Effect.acquireRelease(Effect.sync(() => new S3Client(clientConfig(options))), (s3) => Effect.sync(() => s3.destroy()))

      const request = Effect.fnUntraced(function*<A>(key: StorageKey, send: (abortSignal: AbortSignal) => Promise<A>) {
        yield* checkKey(key)
        return yield* Effect.tryPromise({ try: send, catch: (cause) => cause }).pipe(
          Effect.catch((cause) => Effect.flatMap(DateTime.now, (now) => Effect.fail(toError(key, cause, now)))),
          Effect.timeoutOrElse({
            duration: timeout,
            orElse: () =>
              Effect.fail(
                new StorageError({
                  key,
                  reason: StorageReason.Unavailable(),
                  detail: `the storage did not answer for ${Duration.format(timeout)}`
                })
              )
          })
        )
      })

      const presignGet = Effect.fn("ObjectStorage.presignGet")(function*(key: StorageKey, expiresIn: Duration.Duration) {
        const seconds = Math.max(1, Math.floor(Duration.toSeconds(expiresIn)))
        const url = yield* request(key, () => getSignedUrl(client, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: seconds }))
        return Redacted.make(url, { label: "presigned URL" })
      })

      const download = Effect.fn("ObjectStorage.download")(function*(key: StorageKey, limit: { readonly maxBytes: number }) {
        const url = yield* presignGet(key, downloadExpiry)
        return yield* presignedDownload(http, url, {
          key,
          maxBytes: limit.maxBytes,
          deniedVariable,
          timeout,
          idleTimeout: options.idleTimeout
        })
      })

      const put = Effect.fn("ObjectStorage.put")(function*(key: StorageKey, bytes: Uint8Array, contentType: string) {
        const command = new PutObjectCommand({ Bucket, Key: key, Body: bytes, ContentLength: bytes.length, ContentType: contentType })
        yield* request(key, (abortSignal) => client.send(command, { abortSignal }))
      })

      const head = Effect.fn("ObjectStorage.head")(function*(key: StorageKey) {
        const command = new HeadObjectCommand({ Bucket, Key: key })
        const found = yield* request(key, (abortSignal) => client.send(command, { abortSignal }))
        return { size: found.ContentLength ?? 0, contentType: found.ContentType ?? null }
      })

      return ObjectStorage.of({ presignGet, download, put, head })
    })
  ).pipe(Layer.provide(downloadClient))
