import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Redacted, type Scope, Stream } from "effect"
import * as S3Storage from "../../../layers/storage/S3Storage.ts"
import { ObjectStorage, type StorageError } from "../../../src/services/ObjectStorage.ts"
import { type S3Emulator, type S3Fault, startS3 } from "../../emulators/s3.ts"
import { until } from "../../support/until.ts"
import { failureOf, key, noise, objectStorageConformance } from "./conformance.ts"

const optionsFor = (s3: S3Emulator): S3Storage.S3StorageOptions => ({
  endpoint: s3.endpoint,
  bucket: s3.bucket,
  accessKeyId: Redacted.make(s3.account.accessKeyId),
  secretAccessKey: Redacted.make(s3.account.secretAccessKey),
  forcePathStyle: true,
  timeout: Duration.seconds(2),
  idleTimeout: Duration.seconds(1)
})

const limit = { maxBytes: 1_000_000 }

const test = (
  name: string,
  body: (files: ObjectStorage["Service"], s3: S3Emulator) => Effect.Effect<void, StorageError, Scope.Scope>,
  change: Partial<S3Storage.S3StorageOptions> = {}
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const s3 = yield* startS3
      const context = yield* Layer.build(S3Storage.layer({ ...optionsFor(s3), ...change }))
      yield* body(Context.get(context, ObjectStorage), s3)
    }).pipe(Effect.scoped))

describe("files in an S3 bucket", () => {
  objectStorageConformance(Layer.unwrap(Effect.map(startS3, (s3) => S3Storage.layer(optionsFor(s3)))))

  test("keeps the content type, and sends the bytes bare", Effect.fnUntraced(function*(files, s3) {
    yield* files.put(key("doc"), noise(70_000), "application/pdf")
    assert.deepStrictEqual(yield* files.head(key("doc")), { size: 70_000, contentType: "application/pdf" })
    const sent = s3.requests[0]?.headers ?? {}
    assert.strictEqual(sent["content-length"], "70000")
    assert.doesNotHaveAnyKeys(sent, ["content-encoding", "transfer-encoding", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32", "traceparent", "b3"])
  }))

  test("signs the hash of what is stored as it came", Effect.fnUntraced(function*(files, s3) {
    const { sha256, store } = yield* files.receive(Stream.make(noise(70_000), noise(3)))
    yield* store(key("doc"), "application/pdf")
    const sent = s3.requests[0]?.headers ?? {}
    assert.deepInclude(sent, { "x-amz-content-sha256": sha256, "content-length": "70003", "content-type": "application/pdf" })
    assert.doesNotHaveAnyKeys(sent, ["content-encoding", "transfer-encoding", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32", "traceparent", "b3"])
    assert.strictEqual((yield* files.head(key("doc"))).size, 70_003)
  }))

  test("sends a session token with requests and in URLs", Effect.fnUntraced(function*(files, s3) {
    yield* files.put(key("doc"), noise(3), "application/pdf")
    assert.strictEqual(s3.requests[0]?.headers["x-amz-security-token"], "temporary")
    assert.include(Redacted.value(yield* files.presignGet(key("doc"), Duration.minutes(1))), "X-Amz-Security-Token=temporary")
    assert.deepStrictEqual(yield* files.download(key("doc"), limit), noise(3))
  }), { sessionToken: Redacted.make("temporary") })

  test("names the secret when the signature is wrong", Effect.fnUntraced(function*(files) {
    for (const attempt of [files.put(key("doc"), noise(3), "image/png"), files.download(key("doc"), limit), files.head(key("doc"))]) {
      const error = yield* failureOf<unknown, never>(attempt)
      assert.deepInclude(error.reason, { _tag: "Denied", variable: "S3_SECRET_ACCESS_KEY" })
      assert.notInclude(JSON.stringify(error) + error.message, "not-the-secret")
    }
  }), { secretAccessKey: Redacted.make("not-the-secret") })

  test("names the key id when it is unknown", Effect.fnUntraced(function*(files) {
    const error = yield* failureOf(files.put(key("doc"), noise(3), "image/png"))
    assert.deepInclude(error.reason, { _tag: "Denied", variable: "S3_ACCESS_KEY_ID" })
  }), { accessKeyId: Redacted.make("AKIDOTHER") })

  test("names the bucket when it is not there", Effect.fnUntraced(function*(files) {
    for (const attempt of [files.put(key("doc"), noise(3), "image/png"), files.download(key("doc"), limit)]) {
      assert.deepInclude((yield* failureOf<unknown, never>(attempt)).reason, { _tag: "Denied", variable: "S3_BUCKET" })
    }
  }), { bucket: "elsewhere" })

  test("says that the storage cannot be reached", Effect.fnUntraced(function*(files) {
    const error = yield* failureOf(files.put(key("doc"), noise(3), "image/png"))
    assert.strictEqual(error.reason._tag, "Unavailable")
    assert.include(error.message, "ECONNREFUSED")
  }), { endpoint: "http://127.0.0.1:1" })

  const faults: ReadonlyArray<readonly [string, S3Fault, object]> = [
    ["SlowDown with Retry-After", { kind: "answer", status: 503, code: "SlowDown", headers: { "retry-after": "9" } }, { _tag: "RateLimited", after: Duration.seconds(9) }],
    ["429", { kind: "answer", status: 429, code: "TooManyRequests" }, { _tag: "RateLimited", after: Duration.seconds(10) }],
    ["500", { kind: "answer", status: 500, code: "InternalError" }, { _tag: "Unavailable" }],
    ["502 of a proxy", { kind: "answer", status: 502 }, { _tag: "Unavailable" }],
    ["403", { kind: "answer", status: 403, code: "AccessDenied" }, { _tag: "Denied", variable: "S3_SECRET_ACCESS_KEY" }],
    ["a wrong region", { kind: "answer", status: 400, code: "AuthorizationHeaderMalformed" }, { _tag: "Denied", variable: "S3_REGION" }],
    ["a reset connection", { kind: "reset" }, { _tag: "Unavailable" }],
    ["silence", { kind: "silence" }, { _tag: "Unavailable" }]
  ]
  for (const [name, fault, reason] of faults) {
    test(`tells ${name} for what it is, on put and download, with one request each`, Effect.fnUntraced(function*(files, s3) {
      for (const attempt of [files.put(key("doc"), noise(3), "image/png"), files.download(key("doc"), limit)]) {
        s3.faults.push(fault)
        s3.requests.length = 0
        const error = yield* failureOf<unknown, never>(attempt)
        assert.deepInclude(error.reason, reason)
        assert.strictEqual(s3.requests.length, 1)
        assert.notMatch(`${JSON.stringify(error)} ${String(error.cause)} ${error.message}`, /signature=|credential=|AKIDEXAMPLE/i)
      }
    }))
  }

  test("takes a cut download for a fault of the storage", Effect.fnUntraced(function*(files, s3) {
    yield* files.put(key("doc"), noise(50_000), "image/png")
    s3.faults.push({ kind: "cut", afterBytes: 1000 })
    const error = yield* failureOf(files.download(key("doc"), limit))
    assert.include(error.message, "broke off after 1000 of 50000 bytes")
    assert.strictEqual(error.retry._tag, "Transient")
  }))

  test("stops a request that is interrupted", Effect.fnUntraced(function*(files, s3) {
    s3.faults.push({ kind: "silence" })
    const put = yield* Effect.forkChild(files.put(key("doc"), noise(3), "image/png"))
    yield* until(Effect.sync(() => s3.requests.length), (asked) => asked === 1)
    yield* Fiber.interrupt(put)
    yield* until(Effect.sync(() => s3.abandoned), (abandoned) => abandoned === 1)
    assert.lengthOf(s3.requests, 1)
  }), { timeout: Duration.minutes(1), idleTimeout: Duration.minutes(1) })
})
