import { Effect, Layer } from "effect"
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import { DemoReceiver, type ReceivedDelivery } from "../../src/services/DemoReceiver.ts"

/** What a receiver should bear: more than any event has. */
const mostBytes = 1_000_000
/** As Standard Webhooks recommends, against replays. */
const toleranceSeconds = 300

const bodyOf = async (request: IncomingMessage): Promise<Buffer | null> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > mostBytes) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name]
  return typeof value === "string" ? value : ""
}

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Checks a delivery as its receiver would, from the two descriptions of the signatures and not from the sender's code. */
export const checkDelivery = (request: IncomingMessage, body: Buffer, secret: string, now: number): ReceivedDelivery => {
  const legacy = header(request, "x-signature-256")
  const standard = header(request, "webhook-signature")
  const id = header(request, "webhook-id")
  const timestamp = header(request, "webhook-timestamp")
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64")
  const expected = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`
  return {
    event: header(request, "x-webhook-event"),
    deliveryId: header(request, "x-webhook-delivery"),
    body: body.toString("utf8"),
    signed: isSame(legacy, `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`),
    standard: standard.split(" ").some((signature) => isSame(signature, expected)) && Math.abs(now / 1000 - Number(timestamp)) < toleranceSeconds,
    signatures: { legacy, standard },
    at: now
  }
}

/** `DemoReceiver` on a free loopback port, with a secret of its own. It answers 204, or 400 to what is not signed as it must be. */
export const layer: Layer.Layer<DemoReceiver> = Layer.effect(
  DemoReceiver,
  Effect.gen(function*() {
    const secret = `whsec_${randomBytes(24).toString("base64")}`
    const received = new Map<string, ReceivedDelivery>()
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((request, response) => {
          const take = async () => {
            const body = await bodyOf(request)
            if (body === null) return response.writeHead(413).end()
            const delivery = checkDelivery(request, body, secret, Date.now())
            if (!received.has(delivery.deliveryId)) received.set(delivery.deliveryId, delivery)
            return response.writeHead(delivery.signed && delivery.standard ? 204 : 400).end()
          }
          // A request that breaks off is nobody's delivery.
          void take().catch(() => response.destroy())
        }).listen(0, "127.0.0.1")
        await once(server, "listening")
        return server
      }),
      (server) =>
        Effect.promise(() => {
          server.closeAllConnections()
          return new Promise((resolve) => server.close(resolve))
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return DemoReceiver.of({ url: `http://127.0.0.1:${port}/hooks`, secret, received: Effect.sync(() => [...received.values()]) })
  })
)
