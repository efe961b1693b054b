import { DateTime, Duration, Effect, Redacted } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { StorageKey } from "../../src/domain/ids.ts"
import { sizeInWords } from "../../src/domain/plainWords.ts"
import { StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { BodyProblem, readBounded } from "../http/boundedBody.ts"
import { parseRetryAfter } from "../http/retryAfter.ts"
import { answerInWords, codeOfBody, reasonOfAnswer } from "./storageAnswer.ts"

export interface DownloadOptions {
  /** For messages: the URL itself is a secret. */
  readonly key: StorageKey
  readonly maxBytes: number
  /** The environment variable to look at when the storage refuses. */
  readonly deniedVariable: string
  /** For the whole download; 60 s unless told. */
  readonly timeout?: Duration.Duration | undefined
  /** Without a byte, the answer's head included; 15 s unless told. */
  readonly idleTimeout?: Duration.Duration | undefined
}

/** An error body is read only for its code. */
const maxErrorBytes = 16 * 1024

/**
 * The code of a failed connection ("ECONNREFUSED"), at most. The error itself holds the request, and with it the
 * signed URL, so it goes no further than here.
 */
const transportCode = (error: HttpClientError.HttpClientError): string => {
  let cause: unknown = error.reason
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if ("code" in cause && typeof cause.code === "string" && /^[A-Z_]{2,40}$/.test(cause.code)) return ` (${cause.code})`
    cause = cause.cause
  }
  return ""
}

const problemInWords = BodyProblem.$match({
  TooLarge: ({ limit, size }) => `${size === null ? "it is" : `it has ${sizeInWords(size)},`} larger than ${sizeInWords(limit)}`,
  Stalled: ({ after }) => `nothing came for ${Duration.format(after)}`,
  Cut: ({ expected, received }) => `the answer broke off after ${received}${expected === null ? "" : ` of ${expected}`} bytes`
})

/**
 * Reads a presigned URL into memory. The URL is a secret: it is in no message, cause or span, and neither trace
 * headers nor redirections take it anywhere. The connection is closed when the download ends early in any way.
 */
export const presignedDownload = Effect.fnUntraced(function*(
  client: HttpClient.HttpClient,
  url: Redacted.Redacted<string>,
  options: DownloadOptions
): Effect.fn.Return<Uint8Array, StorageError> {
  const { deniedVariable, idleTimeout = Duration.seconds(15), key, maxBytes, timeout = Duration.seconds(60) } = options
  const fail = (reason: StorageReason, detail: string) => new StorageError({ key, reason, detail })
  const unavailable = (detail: string) => Effect.fail(fail(StorageReason.Unavailable(), detail))

  const refuse = Effect.fnUntraced(function*(response: HttpClientResponse.HttpClientResponse) {
    const body = yield* readBounded(response, { maxBytes: maxErrorBytes, idleTimeout }).pipe(
      Effect.map((bytes) => new TextDecoder().decode(bytes)),
      Effect.orElseSucceed(() => "")
    )
    const answer = {
      status: response.status,
      code: codeOfBody(body),
      retryAfter: parseRetryAfter(response.headers["retry-after"], yield* DateTime.now)
    }
    return yield* fail(reasonOfAnswer(answer, deniedVariable), answerInWords(answer))
  })

  const read = Effect.gen(function*() {
    const response = yield* HttpClient.withScope(client).get(Redacted.value(url), {
      // Packed bytes could grow without bound, and their length says nothing of the file's.
      headers: { "accept-encoding": "identity" }
    }).pipe(
      Effect.catch((error) => unavailable(`the storage could not be reached${transportCode(error)}`)),
      Effect.timeoutOrElse({
        duration: idleTimeout,
        orElse: () => unavailable(`the storage did not answer for ${Duration.format(idleTimeout)}`)
      })
    )
    if (response.status !== 200) return yield* refuse(response)
    return yield* readBounded(response, { maxBytes, idleTimeout }).pipe(
      Effect.mapError((problem) =>
        fail(
          problem._tag === "TooLarge" ? StorageReason.TooLarge({ limit: problem.limit, size: problem.size }) : StorageReason.Unavailable(),
          problemInWords(problem)
        )
      )
    )
  })

  return yield* Effect.scoped(read).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => unavailable(`the download took longer than ${Duration.format(timeout)}`)
    }),
    // The client's span would carry the whole URL, and its headers would tell the storage our trace ids.
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
  )
})
