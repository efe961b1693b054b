import { type Duration, Effect, Redacted } from "effect"

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

/** The SDK's client, loaded when it is first opened, until the scope closes. */
export const openS3 = Effect.fnUntraced(function*(options: S3StorageOptions) {
  const { S3Client } = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
  return yield* Effect.acquireRelease(
    Effect.sync(() =>
      new S3Client({
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
    ),
    (s3) => Effect.sync(() => s3.destroy())
  )
})
