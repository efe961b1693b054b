import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import * as net from "node:net"
import { join } from "node:path"
import type { TLSSocket } from "node:tls"
import { parseForwardProxy } from "../../../src/domain/ForwardProxy.ts"
import { WebhookSender } from "../../../src/services/WebhookSender.ts"
import { receiver, senderWith, someRequest, trap } from "../../support/receiver.ts"
import { tempDir } from "../../support/tempDir.ts"

/** A receiver behind TLS as hooks.example, with the certificate that vouches for it. */
const secureReceiver = Effect.gen(function*() {
  const folder = yield* tempDir
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
    "-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"], { stdio: "ignore" })
  const seen: Array<{ readonly sni: unknown; readonly host: string | undefined; readonly alpn: unknown }> = []
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
        const socket = request.socket as TLSSocket
        seen.push({ sni: Reflect.get(socket, "servername"), host: request.headers.host, alpn: socket.alpnProtocol })
        request.resume().on("end", () => response.end("ok"))
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) => Effect.promise(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
  )
  const address = server.address()
  return { port: typeof address === "object" && address !== null ? address.port : 0, seen, ca: readFileSync(cert, "utf8") }
})

/** A forward proxy that tunnels, and notes what it was asked for. */
const proxy = (answer?: string) =>
  Effect.gen(function*() {
    const asked: Array<{ readonly target: string | undefined; readonly authorization: string | undefined }> = []
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = http.createServer().on("connect", (request, client: net.Socket) => {
          asked.push({ target: request.url, authorization: request.headers["proxy-authorization"] })
          client.on("error", () => {})
          if (answer !== undefined) return void client.end(answer)
          const [host, port] = (request.url ?? "").split(":")
          const far = net.connect(Number(port), host, () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n")
            far.pipe(client).pipe(far)
          }).on("error", () => void client.destroy())
        }).listen(0, "127.0.0.1")
        await once(server, "listening")
        return server
      }),
      (server) => Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(() => resolve(undefined)))
      })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { asked, settings: Result.getOrThrow(parseForwardProxy(Redacted.make(`http://us%40er:pass@127.0.0.1:${port}`))) }
  })

const names = { exceptions: "hooks.example,other.example", hosts: { "hooks.example": ["127.0.0.1"], "other.example": ["127.0.0.1"], "inside.example": ["127.0.0.1"] } }
const send = (url: string) => WebhookSender.use((sender) => sender.send(someRequest(url)))

describe("a receiver behind TLS", () => {
  it.live("is dialled at the checked address, asked for by its name, and believed only with its certificate", () =>
    Effect.gen(function*() {
      const { ca, port, seen } = yield* secureReceiver
      const trusting = senderWith({ ...names, ca })
      const first = yield* Effect.provide(send(`https://hooks.example.:${port}/x`), trusting)
      assert.deepStrictEqual(first.answer, { _tag: "Answered", status: 200 })
      assert.isNumber(first.timings.tls)
      assert.isNumber(first.timings.dns)
      assert.deepStrictEqual(seen[0], { sni: "hooks.example", host: `hooks.example:${port}`, alpn: "http/1.1" })
      const failure = (url: string, layer: ReturnType<typeof senderWith>) => Effect.map(Effect.provide(send(url), layer), ({ answer }) => answer)
      assert.deepStrictEqual(yield* failure(`https://other.example:${port}/`, trusting), { _tag: "Broken", failure: "tls-failed" })
      assert.deepStrictEqual(yield* failure(`https://hooks.example:${port}/`, senderWith(names)), { _tag: "Broken", failure: "tls-failed" })
      assert.deepStrictEqual(yield* failure(`https://127.0.0.1:${port}/`, senderWith({ ca })), { _tag: "Broken", failure: "tls-failed" })
      const plain = yield* receiver()
      assert.deepStrictEqual(yield* failure(`https://hooks.example:${plain.port}/`, trusting), { _tag: "Broken", failure: "tls-failed" })
      assert.lengthOf(seen, 1)
    }).pipe(Effect.scoped))
})

describe("behind a forward proxy", () => {
  it.live("the same rule holds: the proxy is given the checked address, never a name", () =>
    Effect.gen(function*() {
      const { ca, port, seen } = yield* secureReceiver
      const { asked, settings } = yield* proxy()
      const through = senderWith({ ...names, ca, proxy: settings })
      const plain = yield* receiver()
      const bait = yield* trap()
      yield* Effect.gen(function*() {
        assert.deepStrictEqual((yield* send(`https://hooks.example:${port}/`)).answer, { _tag: "Answered", status: 200 })
        assert.deepStrictEqual((yield* send(`http://hooks.example:${plain.port}/`)).answer, { _tag: "Answered", status: 200 })
        assert.deepStrictEqual((yield* send(`http://inside.example:${bait.port}/`)).answer, { _tag: "Broken", failure: "url-refused" })
        assert.deepStrictEqual((yield* send(`http://127.0.0.1:${bait.port}/`)).answer, { _tag: "Broken", failure: "url-refused" })
      }).pipe(Effect.provide(through))
      assert.strictEqual(seen[0]?.sni, "hooks.example")
      const authorization = `Basic ${Buffer.from("us@er:pass").toString("base64")}`
      assert.deepStrictEqual(asked, [{ target: `127.0.0.1:${port}`, authorization }, { target: `127.0.0.1:${plain.port}`, authorization }])
      assert.deepStrictEqual(bait.seen, { connections: 0, bytes: 0 })
    }).pipe(Effect.scoped))

  it.live("its refusals are our own side's failures, the far side's are not", () =>
    Effect.gen(function*() {
      for (const [answer, failure] of [
        ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy-failed"],
        ["HTTP/1.1 403 Forbidden\r\n\r\n", "proxy-failed"],
        ["", "proxy-failed"],
        ["nonsense\r\n\r\n", "proxy-failed"],
        ["HTTP/1.1 502 Bad Gateway\r\n\r\n", "connection-failed"]
      ] as const) {
        const { settings } = yield* proxy(answer)
        assert.deepStrictEqual((yield* Effect.provide(send("http://hooks.example/"), senderWith({ ...names, proxy: settings }))).answer, { _tag: "Broken", failure })
      }
    }).pipe(Effect.scoped))
})
