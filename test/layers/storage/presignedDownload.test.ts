import type * as http from "node:http"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Redacted, type Scope, Tracer } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import { downloadClient } from "../../../layers/storage/downloadClient.ts"
import { type DownloadOptions, presignedDownload } from "../../../layers/storage/presignedDownload.ts"
import type { StorageError } from "../../../src/services/ObjectStorage.ts"
import { listen } from "../../emulators/loopback.ts"
import { until } from "../../support/until.ts"
import { failureOf, key, noise } from "./conformance.ts"

const secret = "X-Amz-Signature=5ec2e7"

const download = (url: string, options: Partial<DownloadOptions> = {}) =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    return yield* presignedDownload(client, Redacted.make(url), {
      key: key("tenant/doc"),
      maxBytes: 1_000_000,
      deniedVariable: "S3_SECRET_ACCESS_KEY",
      ...options
    })
  }).pipe(Effect.provide(downloadClient))

const from = (handler: http.RequestListener, options: Partial<DownloadOptions> = {}) =>
  Effect.flatMap(listen(handler), (base) => download(`${base}/bucket/doc?${secret}`, options))

const errorFrom = (handler: http.RequestListener, options: Partial<DownloadOptions> = {}): Effect.Effect<StorageError, never, Scope.Scope> =>
  failureOf(from(handler, options))

const xml = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Resource>/bucket/doc?${secret}</Resource></Error>`

const answers = (status: number, body = "", headers: http.OutgoingHttpHeaders = {}): http.RequestListener => (_, response) =>
  void response.writeHead(status, headers).end(body)

/** Runs to the end of the connection, and says how many bytes were taken by then. */
const endless = (headers: http.OutgoingHttpHeaders, seen: { bytes: number; closed: boolean }): http.RequestListener => (_, response) => {
  response.writeHead(200, headers)
  const more = () => {
    if (response.destroyed) return
    seen.bytes += 65_536
    response.write(noise(65_536), () => setImmediate(more))
  }
  response.on("close", () => void (seen.closed = true))
  more()
}

describe("a download by presigned URL", () => {
  const table: ReadonlyArray<readonly [string, http.RequestListener, object, string]> = [
    ["a missing object", answers(404, xml("NoSuchKey")), { _tag: "NotFound" }, "404 (NoSuchKey)"],
    ["404 without a body", answers(404), { _tag: "NotFound" }, "404"],
    ["a missing bucket", answers(404, xml("NoSuchBucket")), { _tag: "Denied", variable: "S3_BUCKET" }, "NoSuchBucket"],
    ["an expired URL", answers(403, xml("AccessDenied")), { _tag: "Denied", variable: "S3_SECRET_ACCESS_KEY" }, "403 (AccessDenied)"],
    ["a wrong key id", answers(403, xml("InvalidAccessKeyId")), { _tag: "Denied", variable: "S3_ACCESS_KEY_ID" }, "InvalidAccessKeyId"],
    ["an expired session", answers(400, xml("ExpiredToken")), { _tag: "Denied", variable: "S3_SESSION_TOKEN" }, "ExpiredToken"],
    ["a wrong region", answers(301, xml("PermanentRedirect")), { _tag: "Denied", variable: "S3_REGION" }, "PermanentRedirect"],
    ["503 SlowDown with Retry-After", answers(503, xml("SlowDown"), { "retry-after": "7" }), { _tag: "RateLimited", after: Duration.seconds(7) }, "SlowDown"],
    ["503 SlowDown without", answers(503, xml("SlowDown")), { _tag: "RateLimited", after: Duration.seconds(10) }, "SlowDown"],
    ["429", answers(429, "", { "retry-after": "120" }), { _tag: "RateLimited", after: Duration.seconds(120) }, "429"],
    ["500", answers(500, xml("InternalError")), { _tag: "Unavailable" }, "500 (InternalError)"],
    ["503 of a proxy", answers(503, "<html>"), { _tag: "Unavailable" }, "503"],
    ["a reset connection", (request) => void request.socket.resetAndDestroy(), { _tag: "Unavailable" }, "could not be reached (ECONNRESET)"],
    ["an answer that is no HTTP", (request) => void request.socket.end("SSH-2.0\r\n\r\n"), { _tag: "Unavailable" }, "could not be reached"],
    ["an answer to a part only", answers(206, "abc"), { _tag: "Denied" }, "206"]
  ]
  for (const [name, handler, reason, words] of table) {
    it.live(`tells ${name} for what it is, without the URL`, () =>
      Effect.gen(function*() {
        const error = yield* errorFrom(handler)
        assert.deepInclude(error.reason, reason)
        assert.include(error.message, words)
        assert.include(error.message, `"tenant/doc"`)
        assert.notMatch(`${error} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /5ec2e7|http:|bucket\/doc/)
      }).pipe(Effect.scoped))
  }

  it.live("tells a server that is not there", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(download(`http://127.0.0.1:1/x?${secret}`))
      assert.strictEqual(error.reason._tag, "Unavailable")
      assert.notInclude(JSON.stringify(error) + error.message, "5ec2e7")
    }))

  it.live("refuses by the declared size at once and closes the connection", () =>
    Effect.gen(function*() {
      const seen = { bytes: 0, closed: false }
      const error = yield* errorFrom(endless({ "content-length": "99000000" }, seen))
      assert.deepInclude(error.reason, { _tag: "TooLarge", limit: 1_000_000, size: 99_000_000 })
      yield* until(Effect.sync(() => seen.closed), (closed) => closed)
      assert.isBelow(seen.bytes, 10_000_000)
    }).pipe(Effect.scoped))

  it.live("stops as soon as more than the limit has come without a declared size", () =>
    Effect.gen(function*() {
      const seen = { bytes: 0, closed: false }
      const error = yield* errorFrom(endless({}, seen))
      assert.deepInclude(error.reason, { _tag: "TooLarge", limit: 1_000_000, size: null })
      yield* until(Effect.sync(() => seen.closed), (closed) => closed)
      assert.isBelow(seen.bytes, 10_000_000)
    }).pipe(Effect.scoped))

  it.live("is not fooled by a packed answer", () =>
    Effect.gen(function*() {
      const bomb = gzipSync(new Uint8Array(50_000_000))
      const error = yield* errorFrom((_, response) => void response.writeHead(200, { "content-encoding": "gzip", "content-length": bomb.length }).end(bomb))
      assert.strictEqual(error.reason._tag, "TooLarge")
    }).pipe(Effect.scoped))

  it.live("takes a cut body for a fault of the storage, not for the file", () =>
    Effect.gen(function*() {
      const cut: http.RequestListener = (_, response) => {
        response.writeHead(200, { "content-length": "1000" })
        response.write(noise(400), () => setTimeout(() => response.destroy(), 20))
      }
      const error = yield* errorFrom(cut)
      assert.strictEqual(error.reason._tag, "Unavailable")
      assert.include(error.message, "broke off after 400 of 1000 bytes")
      const chunked = yield* errorFrom((_, response) => void response.write(noise(400), () => setTimeout(() => response.destroy(), 20)))
      assert.strictEqual(chunked.reason._tag, "Unavailable")
    }).pipe(Effect.scoped))

  it.live("gives up when nothing comes any more, and when the answer never begins", () =>
    Effect.gen(function*() {
      const stalled = yield* errorFrom((_, response) => void response.writeHead(200).write("a"), { idleTimeout: Duration.millis(900) })
      assert.deepInclude(stalled, { code: "storage-unavailable", detail: "nothing came for 900ms" })
      const silent = yield* errorFrom(() => {}, { idleTimeout: Duration.millis(900) })
      assert.deepInclude(silent, { code: "storage-unavailable", detail: "the storage did not answer for 900ms" })
    }).pipe(Effect.scoped))

  it.live("gives up on a trickle at the end of the whole time, and closes the connection", () =>
    Effect.gen(function*() {
      let closed = false
      const trickle: http.RequestListener = (_, response) => {
        const timer = setInterval(() => response.write("a"), 20)
        response.on("close", () => {
          closed = true
          clearInterval(timer)
        })
      }
      const error = yield* errorFrom(trickle, { timeout: Duration.millis(900), idleTimeout: Duration.millis(800) })
      assert.deepInclude(error, { code: "storage-unavailable", detail: "the download took longer than 900ms" })
      yield* until(Effect.sync(() => closed), (closed) => closed)
    }).pipe(Effect.scoped))

  it.live("closes the connection when it is interrupted", () =>
    Effect.gen(function*() {
      let [asked, closed] = [false, false]
      const download = yield* Effect.forkChild(from((_, response) => {
        response.on("close", () => void (closed = true))
        response.writeHead(200).write("a", () => void (asked = true))
      }))
      yield* until(Effect.sync(() => asked), (asked) => asked)
      yield* Fiber.interrupt(download)
      yield* until(Effect.sync(() => closed), (closed) => closed)
    }).pipe(Effect.scoped))

  it.live("follows no redirection", () =>
    Effect.gen(function*() {
      let visited = false
      const elsewhere = yield* listen((_, response) => {
        visited = true
        response.end("other")
      })
      const error = yield* errorFrom(answers(302, "", { location: elsewhere }))
      assert.strictEqual(error.reason._tag, "Denied")
      assert.isFalse(visited)
    }).pipe(Effect.scoped))

  it.live("sends no trace headers and writes the URL into no span", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const sent: Array<http.IncomingHttpHeaders> = []
      const handler = (status: number): http.RequestListener => (request, response) => {
        sent.push(request.headers)
        response.writeHead(status).end("abc")
      }
      yield* from(handler(200)).pipe(Effect.andThen(Effect.flip(from(handler(500)))), Effect.withSpan("outer"), Effect.withTracer(tracer))
      assert.deepStrictEqual(spans.map((span) => span.name), ["outer"])
      assert.strictEqual(sent.length, 2)
      for (const headers of sent) assert.doesNotHaveAnyKeys(headers, ["traceparent", "b3", "tracestate"])
      const told = spans.flatMap((span) => [...span.attributes.values(), span.status])
      assert.notInclude(JSON.stringify(told, (_, value: unknown) => typeof value === "bigint" ? String(value) : value), "5ec2e7")
    }).pipe(Effect.scoped))
})
