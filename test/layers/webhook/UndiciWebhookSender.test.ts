import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { createHmac } from "node:crypto"
import * as zlib from "node:zlib"
import { Webhook } from "standardwebhooks"
import { WebhookSender, type Exchange } from "../../../src/services/WebhookSender.ts"
import { version } from "../../../src/version.ts"
import { brokenHosts, insideHosts } from "../../src/domain/hostCases.ts"
import { receiver, secret, senderWith, someRequest, trap } from "../../support/receiver.ts"

const send = (request: ReturnType<typeof someRequest>) => WebhookSender.use((sender) => sender.send(request))
const failureOf = ({ answer }: Exchange) => answer._tag === "Broken" ? answer.failure : `status ${answer.status}`
const short = Duration.millis(600)

describe("a delivery", () => {
  it.live("carries the body byte for byte, signed twice over, and says what it is", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver()
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      const request = someRequest(`${url}/hooks/T000?x=1`, { traceparent })
      const { address, answer, excerpt, timings } = yield* send(request)
      assert.deepStrictEqual(answer, { _tag: "Answered", status: 200 })
      assert.strictEqual(excerpt, "ok")
      assert.strictEqual(address, "127.0.0.1")
      assert.isNumber(timings.connect)
      assert.isNumber(timings.firstByte)
      const [{ body, headers, method, path }] = [received[0] ?? assert.fail("nothing received")]
      assert.strictEqual(method, "POST")
      assert.strictEqual(path, "/hooks/T000?x=1")
      assert.strictEqual(body, request.body)
      assert.strictEqual(headers["x-signature-256"], `sha256=${createHmac("sha256", "a-shared-secret").update(request.body).digest("hex")}`)
      assert.deepInclude(headers, {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "x-webhook-event": "invoice.processed",
        "x-webhook-delivery": "delivery-1",
        "user-agent": `tt-worker/${version} (webhooks)`,
        traceparent
      })
      assert.notProperty(headers, "accept-encoding")
      assert.notProperty(headers, "x-signature-256-previous")
      new Webhook("a-shared-secret", { format: "raw" }).verify(body, { ...headers } as Record<string, string>)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("is signed with the old secret as well while the secret is changed", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver()
      const [old, present] = ["whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0", "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0"]
      yield* send(someRequest(url, { secrets: [secret(present), secret(old)] }))
      const { body, headers } = received[0] ?? assert.fail("nothing received")
      for (const each of [old, present]) new Webhook(each).verify(body, { ...headers } as Record<string, string>)
      assert.strictEqual(headers["x-signature-256"], `sha256=${createHmac("sha256", present).update(body).digest("hex")}`)
      assert.strictEqual(headers["x-signature-256-previous"], `sha256=${createHmac("sha256", old).update(body).digest("hex")}`)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("goes out unsigned where there is no secret, and not at all where the private key cannot be used", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver()
      yield* send(someRequest(url, { secrets: [] }))
      assert.notProperty(received[0]?.headers, "x-signature-256")
      assert.notProperty(received[0]?.headers, "webhook-signature")
      for (const unusable of ["whsk_", "whsk_dG9vLXNob3J0", "whsk_!!!", ""]) {
        assert.strictEqual(failureOf(yield* send(someRequest(url, { secrets: [secret(unusable)] }))), "secret-unusable")
      }
      assert.lengthOf(received, 1)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("uses its connection again, and makes a new one when the receiver has closed it meanwhile", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver((_request, response) => {
        response.end("ok")
        if (received.length === 2) setTimeout(() => response.socket?.destroy(), 20)
      })
      const [first, second] = [yield* send(someRequest(url)), yield* send(someRequest(url))]
      assert.isNumber(first.timings.connect)
      assert.isNull(second.timings.connect)
      yield* Effect.sleep("60 millis")
      assert.strictEqual(failureOf(yield* send(someRequest(url))), "status 200")
      assert.lengthOf(received, 3)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("follows no redirect", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* trap()
      for (const status of [301, 302, 303, 307, 308]) {
        const { url } = yield* receiver((_request, response) => void response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end())
        assert.strictEqual(failureOf(yield* send(someRequest(url))), `status ${status}`)
      }
      assert.deepStrictEqual(seen, { connections: 0, bytes: 0 })
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("heeds Retry-After in both forms", () =>
    Effect.gen(function*() {
      const { url } = yield* receiver(({ path }, response) =>
        void response.writeHead(429, { "retry-after": path === "/date" ? new Date(Date.now() + 3_600_000).toUTCString() : "120" }).end())
      assert.strictEqual(Duration.toSeconds((yield* send(someRequest(`${url}/seconds`))).retryAfter ?? 0), 120)
      assert.approximately(Duration.toSeconds((yield* send(someRequest(`${url}/date`))).retryAfter ?? 0), 3_600, 3)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("can carry any event name and id", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver()
      yield* send(someRequest(url, { event: "a\r\nx-evil: 1", messageId: "m\u00e9 1\n", deliveryId: "\u{1f600}\ud800" }))
      const { headers } = received[0] ?? assert.fail("nothing received")
      assert.notProperty(headers, "x-evil")
      assert.strictEqual(headers["x-webhook-event"], "a%0D%0Ax-evil: 1")
      new Webhook("a-shared-secret", { format: "raw" }).verify(received[0]?.body ?? "", { ...headers } as Record<string, string>)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))
})

describe("nothing gets inside", () => {
  it.live("not a byte, by any spelling, name or redirect", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* trap()
      const urls = [
        ...insideHosts.flatMap(([host]) => [`http://${host}:${port}/`, `http://[${host}]:${port}/`]),
        ...Object.keys(insideNames).map((name) => `http://${name}:${port}/`),
        `http://user:password@127.0.0.1:${port}/`,
        `http://good.example@127.0.0.1:${port}/`,
        `http://127.0.0.1:${port}#@good.example/`,
        `http://127.0.0.1:${port}\\@good.example/`,
        `http:127.0.0.1:${port}/`,
        `ftp://127.0.0.1:${port}/`,
        `file:///etc/passwd`,
        `gopher://127.0.0.1:${port}/_x`,
        `data:text/plain,x`,
        `//127.0.0.1:${port}/`
      ]
      for (const url of urls) assert.strictEqual(failureOf(yield* send(someRequest(url))), "url-refused", url)
      // What is no host may leave one when it stands in a URL ("a/b"), but none that leads anywhere.
      for (const host of brokenHosts) assert.include(["url-refused", "host-not-found"], failureOf(yield* send(someRequest(`http://${host}:${port}/`))), host)
      assert.deepStrictEqual(seen, { connections: 0, bytes: 0 })
    }).pipe(Effect.scoped, Effect.provide(senderWith({ exceptions: "", hosts: insideNames }))))

  it.live("not by ports of other services, not with a user, not without TLS where TLS is asked for", () =>
    Effect.gen(function*() {
      for (const url of ["http://127.0.0.1:25/", "http://127.0.0.1:6379/", "http://127.0.0.1:22/", "http://a:b@127.0.0.1/", "http://a@127.0.0.1/"]) {
        assert.strictEqual(failureOf(yield* send(someRequest(url))), "url-refused", url)
      }
      const { received, url } = yield* receiver()
      assert.strictEqual(failureOf(yield* send(someRequest(url)).pipe(Effect.provide(senderWith({ httpsOnly: true })))), "url-refused")
      assert.isEmpty(received)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("dials the address that was checked, under the name that was asked for", () =>
    Effect.gen(function*() {
      const { port, received } = yield* receiver()
      assert.strictEqual(failureOf(yield* send(someRequest(`http://hooks.intern:${port}/`))), "status 200")
      assert.strictEqual(received[0]?.headers.host, `hooks.intern:${port}`)
    }).pipe(Effect.scoped, Effect.provide(senderWith({ exceptions: "hooks.intern", hosts: { "hooks.intern": ["127.0.0.1"] } }))))
})

const insideNames = {
  localhost: ["127.0.0.1"],
  "a.example": ["127.0.0.1"],
  "b.example": ["93.184.215.14", "127.0.0.1"],
  "c.example": ["::ffff:127.0.0.1"],
  "127.0.0.1.nip.io": ["127.0.0.1"],
  "xn--lcalhost-54a.example": ["127.0.0.1"]
}

describe("a receiver that means harm", () => {
  const heap = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed

  it.live("cannot hold a delivery longer than the deadline: silence, drips, endless headers", () =>
    Effect.gen(function*() {
      const drip = (head: string, piece: string) => trap((socket) => {
        socket.write(head)
        const timer = setInterval(() => socket.write(piece), 20)
        socket.on("close", () => clearInterval(timer))
      })
      const cases = {
        silent: yield* trap(),
        "drip of a body": yield* drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", "x"),
        "drip of a chunked body": yield* drip("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        "drip of headers": yield* drip("HTTP/1.1 200 OK\r\n", "x-a: b\r\n"),
        "endless early hints": yield* drip("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
      }
      for (const [name, { port }] of Object.entries(cases)) {
        const [took, exchange] = yield* Effect.timed(send(someRequest(`http://127.0.0.1:${port}/`)))
        assert.strictEqual(failureOf(exchange), "timeout", name)
        assert.isBelow(Duration.toMillis(took), 1_500, name)
      }
    }).pipe(Effect.scoped, Effect.provide(senderWith({ deadline: short }))))

  it.live("cannot make us read or unpack without end", () =>
    Effect.gen(function*() {
      const chunk = Buffer.alloc(64 * 1024, "x")
      const flood = (head: string) => trap((socket) => {
        socket.write(head)
        const pour = () => {
          while (!socket.destroyed && socket.write(chunk)) continue
        }
        socket.on("drain", pour)
        pour()
      })
      const bomb = zlib.gzipSync(Buffer.alloc(50_000_000))
      const before = heap()
      const endless = yield* flood("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
      const answer = yield* send(someRequest(`http://127.0.0.1:${endless.port}/`))
      assert.strictEqual(failureOf(answer), "status 200")
      assert.isTrue(answer.cut)
      assert.strictEqual(answer.excerpt?.length, 16 * 1024)

      const headers = yield* flood("HTTP/1.1 200 OK\r\nx-a: ")
      assert.strictEqual(failureOf(yield* send(someRequest(`http://127.0.0.1:${headers.port}/`))), "bad-response")

      const { received, url } = yield* receiver((_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb))
      const bombed = yield* send(someRequest(url))
      assert.strictEqual(failureOf(bombed), "status 200")
      assert.match(bombed.excerpt ?? "", /^\(packed as gzip, \d+ bytes\)$/)
      assert.lengthOf(received, 1)
      assert.isBelow(heap() - before, 40_000_000)
    }).pipe(Effect.scoped, Effect.provide(senderWith({ deadline: Duration.seconds(5) }))))

  it.live("gets its own failure: refused, reset, cut off, no HTTP", () =>
    Effect.gen(function*() {
      const says = (text: string) => trap((socket) => void socket.end(text))
      const cases: ReadonlyArray<readonly [string, { readonly port: number }]> = [
        ["connection-lost", yield* trap((socket) => void socket.resetAndDestroy())],
        ["connection-lost", yield* says("")],
        ["connection-lost", yield* says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")],
        ["bad-response", yield* says("SSH-2.0-OpenSSH_9.6\r\n")],
        ["bad-response", yield* says("HTTP/1.1 999999 What\r\n\r\n")],
        ["bad-response", yield* says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab")]
      ]
      for (const [expected, { port }] of cases) assert.strictEqual(failureOf(yield* send(someRequest(`http://127.0.0.1:${port}/`))), expected)
      const closed = yield* Effect.scoped(trap())
      assert.strictEqual(failureOf(yield* send(someRequest(`http://127.0.0.1:${closed.port}/`))), "connection-refused")
      const { port } = yield* trap()
      assert.strictEqual(failureOf(yield* send(someRequest(`http://nowhere.example:${port}/`))), "host-not-found")
    }).pipe(Effect.scoped, Effect.provide(senderWith({ deadline: Duration.seconds(3) }))))

  it.live("cannot have the credentials of the request kept by quoting them", () =>
    Effect.gen(function*() {
      const path = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX?token=verysecrettoken"
      const { url } = yield* receiver((request, response) =>
        void response.writeHead(200, { "x-echo": request.path, "set-cookie": "session=1", "x-token": "t", location: request.path })
          .end(`\0${request.path} ${decodeURIComponent(request.path)} XXXXXXXXXXXXXXXXXXXXXXXX a-shared-secret`))
      const exchange = yield* send(someRequest(`${url}${path}`))
      const kept = JSON.stringify(exchange)
      for (const credential of ["XXXXXXXX", "verysecrettoken", "a-shared-secret", "session=1", "T00000000", "sha256=", "v1,"]) assert.notInclude(kept, credential)
      assert.notInclude(exchange.excerpt ?? "", "\0")
    }).pipe(Effect.scoped, Effect.provide(senderWith())))

  it.live("does not keep the connection of a delivery that was broken off", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* trap()
      const fiber = yield* Effect.forkChild(send(someRequest(`http://127.0.0.1:${port}/`)))
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(seen.connections, 1)
      const fresh = yield* Effect.forkChild(send(someRequest(`http://127.0.0.1:${port}/`)))
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(fresh)
      assert.strictEqual(seen.connections, 2)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))
})
