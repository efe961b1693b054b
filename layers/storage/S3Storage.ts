import type { S3ServiceException } from "@aws-sdk/client-s3"
import { createReadStream } from "node:fs"
import * as fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { DateTime, Duration, Effect, Layer, Predicate, Redacted, type Scope, type Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import type { StorageKey } from "../../src/domain/ids.ts"
import { clientSpan, clientSpanOf } from "../../src/observability/clientSpan.ts"
import { ObjectStorage, type ReceivedObject, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { parseRetryAfter } from "../http/retryAfter.ts"
import { attempt, DiskFault } from "./DiskFault.ts"
import { downloadClient } from "./downloadClient.ts"
import { checkKey } from "./objectKey.ts"
import { presignedDownload } from "./presignedDownload.ts"
import { openS3, type S3StorageOptions } from "./s3Client.ts"
import { spool, sweepSpool } from "./spool.ts"
import { answerInWords, reasonOfAnswer, type StorageAnswer } from "./storageAnswer.ts"

export type { S3StorageOptions } from "./s3Client.ts"

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

/** What comes in waits among the system's temporary files until its key is known. */
const spoolError = (fault: DiskFault): StorageError =>
  new StorageError({ key: "incoming", reason: StorageReason.Unavailable(), detail: `the folder for temporary files (TMPDIR) answered ${fault.code}`, cause: fault })

/** Files in an S3-compatible bucket (RustFS in production). The SDK is loaded when the layer is built. */
export const layer = (options: S3StorageOptions): Layer.Layer<ObjectStorage> =>
  Layer.effect(
    ObjectStorage,
    Effect.gen(function*() {
      const http = yield* HttpClient.HttpClient
      const { GetObjectCommand, HeadObjectCommand, PutObjectCommand } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
      const { getSignedUrl } = yield* Effect.promise(() => import("@aws-sdk/s3-request-presigner"))
      const Bucket = options.bucket
      const timeout = options.timeout ?? Duration.seconds(60)

      const client = yield* openS3(options)
      // AWS names its hosts after bucket and region.
      const toServer = options.endpoint === null ? clientSpan("amazonaws.com") : clientSpanOf(new URL(options.endpoint))

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

      const download = Effect.fn("ObjectStorage.download", toServer)(function*(key: StorageKey, limit: { readonly maxBytes: number }) {
        const url = yield* presignGet(key, downloadExpiry)
        return yield* presignedDownload(http, url, {
          key,
          maxBytes: limit.maxBytes,
          deniedVariable,
          timeout,
          idleTimeout: options.idleTimeout
        })
      })

      const put = Effect.fn("ObjectStorage.put", toServer)(function*(key: StorageKey, bytes: Uint8Array, contentType: string) {
        const command = new PutObjectCommand({ Bucket, Key: key, Body: bytes, ContentLength: bytes.length, ContentType: contentType })
        yield* request(key, (abortSignal) => client.send(command, { abortSignal }))
      })

      yield* sweepSpool(tmpdir())
      const receive = Effect.fn("ObjectStorage.receive")(
        function*<E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Effect.fn.Return<ReceivedObject, StorageError | E, R | Scope.Scope> {
          const { file, sha256, size } = yield* spool(tmpdir(), bytes).pipe(Effect.mapError((error) => error instanceof DiskFault ? spoolError(error) : error))
          return {
            size,
            sha256,
            store: Effect.fn("ObjectStorage.store", toServer)((key: StorageKey, contentType: string) =>
              request(key, async (abortSignal) => {
                const body = createReadStream(file)
                const command = new PutObjectCommand({ Bucket, Key: key, Body: body, ContentLength: size, ContentType: contentType })
                // Of a stream the SDK signs no hash; with it the server sees whether it has what we have.
                command.middlewareStack.add((next) => (args) => {
                  if (Predicate.hasProperty(args.request, "headers") && Predicate.isObject(args.request.headers)) Object.assign(args.request.headers, { "x-amz-content-sha256": sha256 })
                  return next(args)
                }, { step: "build", name: "signTheHash" })
                await client.send(command, { abortSignal }).finally(() => body.destroy())
              })
            ),
            read: attempt(() => fs.readFile(file)).pipe(Effect.mapError(spoolError))
          }
        }
      )

      const head = Effect.fn("ObjectStorage.head", toServer)(function*(key: StorageKey) {
        const command = new HeadObjectCommand({ Bucket, Key: key })
        const found = yield* request(key, (abortSignal) => client.send(command, { abortSignal }))
        return { size: found.ContentLength ?? 0, contentType: found.ContentType ?? null }
      })

      return ObjectStorage.of({ presignGet, download, put, receive, head })
    })
  ).pipe(Layer.provide(downloadClient))
