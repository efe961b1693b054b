import { Effect, Layer, Redacted, Result, type Scope } from "effect"
import * as Dns from "effect/net/Dns"
import { once } from "node:events"
import type * as http from "node:http"
import * as net from "node:net"
import { layer as guardLayer } from "../../layers/http/InternetAddressGuard.ts"
import * as UndiciWebhookSender from "../../layers/webhook/UndiciWebhookSender.ts"
import { parseAddressRules } from "../../src/domain/AddressRules.ts"
import type { WebhookRequest, WebhookSender } from "../../src/services/WebhookSender.ts"
import { bodyOf, listen } from "../emulators/loopback.ts"

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks on loopback: what it received, and an answer of the test's choosing (200 if none). */
export const receiver = Effect.fnUntraced(function*(answer: (request: Received, response: http.ServerResponse) => void = (_request, response) => void response.end("ok")) {
  const received: Array<Received> = []
  const url = yield* listen((request, response) => {
    const take = async () => {
      const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: await bodyOf(request) }
      received.push(one)
      answer(one, response)
    }
    void take()
  })
  return { url, received, port: Number(new URL(url).port) }
})

/** A bare TCP server: counts what reaches it, and does whatever the test wants with a connection. */
export const trap = (onConnection: (socket: net.Socket) => void = () => {}): Effect.Effect<{ readonly port: number; readonly seen: { connections: number; bytes: number } }, never, Scope.Scope> =>
  Effect.gen(function*() {
    const seen = { connections: 0, bytes: 0 }
    const sockets = new Set<net.Socket>()
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = net.createServer((socket) => {
          seen.connections++
          sockets.add(socket)
          socket.on("data", (chunk) => void (seen.bytes += chunk.length)).on("error", () => {}).on("close", () => void sockets.delete(socket))
          onConnection(socket)
        }).listen(0, "127.0.0.1")
        await once(server, "listening")
        return server
      }),
      (server) =>
        Effect.promise(() => {
          for (const socket of sockets) socket.destroy()
          return new Promise((resolve) => server.close(resolve))
        })
    )
    const address = server.address()
    return { port: typeof address === "object" && address !== null ? address.port : 0, seen }
  })

/** Loopback as an operator would have to allow it. */
export const loopbackAllowed = Result.getOrThrow(parseAddressRules("127.0.0.0/8"))

export const senderWith = (
  options: Partial<UndiciWebhookSender.SenderOptions> & { readonly hosts?: Readonly<Record<string, ReadonlyArray<string>>>; readonly exceptions?: string } = {}
): Layer.Layer<WebhookSender> =>
  UndiciWebhookSender.layer({ httpsOnly: false, proxy: null, ...options }).pipe(
    Layer.provide(guardLayer(options.exceptions === undefined ? loopbackAllowed : Result.getOrThrow(parseAddressRules(options.exceptions)))),
    Layer.provide(Dns.layerStatic({ hosts: options.hosts ?? {} })),
    Layer.orDie
  )

export const secret = (text: string) => Redacted.make(text)

export const someRequest = (url: string, changes: Partial<WebhookRequest> = {}): WebhookRequest => ({
  url: Redacted.make(url),
  secrets: [secret("a-shared-secret")],
  body: "{\"b\":1,\"a\":\"h\u00e9\"}",
  event: "invoice.processed",
  messageId: "msg_1",
  deliveryId: "delivery-1",
  traceparent: null,
  ...changes
})
