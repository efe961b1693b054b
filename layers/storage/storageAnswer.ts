import { Duration, Option } from "effect"
import { StorageReason } from "../../src/services/ObjectStorage.ts"

/** What an S3-compatible server said when it did not say yes. `code` is the error code of its XML body or of the SDK. */
export interface StorageAnswer {
  readonly status: number
  readonly code: string | null
  readonly retryAfter: Option.Option<Duration.Duration>
}

/** When a server asks for less without saying for how long. */
const defaultPause = Duration.seconds(10)

/**
 * Error codes that a look at one variable settles (Amazon S3 API reference, "Error responses"). NoSuchBucket is a
 * 404, too, but no upload would bring the file back.
 */
const variableOfCode: Readonly<Record<string, string>> = {
  NoSuchBucket: "S3_BUCKET",
  InvalidBucketName: "S3_BUCKET",
  InvalidAccessKeyId: "S3_ACCESS_KEY_ID",
  ExpiredToken: "S3_SESSION_TOKEN",
  InvalidToken: "S3_SESSION_TOKEN",
  PermanentRedirect: "S3_REGION",
  AuthorizationHeaderMalformed: "S3_REGION",
  AuthorizationQueryParametersError: "S3_REGION"
}

const rateLimitCodes: ReadonlySet<string> = new Set(["SlowDown", "TooManyRequests", "ThrottlingException", "RequestLimitExceeded"])
const missingCodes: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound", "KeyTooLongError"])
const passingCodes: ReadonlySet<string> = new Set(["RequestTimeout", "InternalError", "ServiceUnavailable"])

/** The reason behind an answer; `deniedVariable` is the one to look at where the answer names none. */
export const reasonOfAnswer = (answer: StorageAnswer, deniedVariable: string): StorageReason => {
  const { code, retryAfter, status } = answer
  const variable = code === null ? undefined : variableOfCode[code]
  if (variable !== undefined) return StorageReason.Denied({ variable })
  if (code !== null && missingCodes.has(code)) return StorageReason.NotFound()
  if (status === 429 || (code !== null && rateLimitCodes.has(code)) || (status === 503 && Option.isSome(retryAfter))) {
    return StorageReason.RateLimited({ after: Option.getOrElse(retryAfter, () => defaultPause) })
  }
  if (status === 404 || status === 410) return StorageReason.NotFound()
  if (status >= 500 || status === 408 || (code !== null && passingCodes.has(code))) return StorageReason.Unavailable()
  // Left are 400, 401, 403, 405 and redirections: settings of ours that the server does not accept.
  return StorageReason.Denied({ variable: deniedVariable })
}

/** "answered 503 (SlowDown)": for operators. */
export const answerInWords = (answer: StorageAnswer): string =>
  `the storage answered ${answer.status}${answer.code === null ? "" : ` (${answer.code})`}`

/** The code in an S3 error body, where it is one. Only a plain word: the body may hold anything, signed URLs included. */
export const codeOfBody = (body: string): string | null => /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body)?.[1] ?? null
