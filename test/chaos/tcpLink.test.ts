import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"
import { openTcpLink } from "../../chaos/servers/tcpLink.ts"

const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Answers each text with itself. */
const echo = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = server.address()
    return { server, port: address !== null && typeof address === "object" ? address.port : 0 }
  }),
  ({ server }) => Effect.sync(() => server.close())
)

interface Client {
  readonly socket: Socket
  heard: string
  ended: string
}

const clientOn = async (port: number): Promise<Client> => {
  const socket = connect(port, "127.0.0.1")
  const client: Client = { socket, heard: "", ended: "" }
  socket.setEncoding("utf8").on("data", (text: string) => void (client.heard += text))
  socket.on("error", (error) => void (client.ended = "code" in error ? String(error.code) : error.message))
  await Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => undefined)
  return client
}

describe("a link that can fail", () => {
  it.live("carries bytes both ways and names its ports at the server", () =>
    Effect.gen(function*() {
      const peers: Array<number> = []
      const link = yield* openTcpLink((yield* echo).port, (port) => void peers.push(port))
      yield* Effect.promise(async () => {
        const client = await clientOn(link.port)
        client.socket.write("hello")
        await sleep(50)
        assert.strictEqual(client.heard, "hello")
        assert.strictEqual(peers.length, 1)
        client.socket.destroy()
      })
    }).pipe(Effect.scoped))

  it.live("held, lets nothing through and closes nothing, and delivers all of it once it is mended", () =>
    Effect.gen(function*() {
      const link = yield* openTcpLink((yield* echo).port, () => undefined)
      const client = yield* Effect.promise(() => clientOn(link.port))
      yield* link.hold()
      client.socket.write("waits")
      const late = yield* Effect.promise(() => clientOn(link.port))
      late.socket.write("too")
      yield* Effect.promise(() => sleep(80))
      assert.deepStrictEqual([client.heard, late.heard, client.ended], ["", "", ""])
      yield* link.mend
      yield* Effect.promise(() => sleep(80))
      assert.deepStrictEqual([client.heard, late.heard], ["waits", "too"])
      client.socket.destroy()
      late.socket.destroy()
    }).pipe(Effect.scoped))

  it.live("held except for one connection, lets that one through", () =>
    Effect.gen(function*() {
      const peers: Array<number> = []
      const link = yield* openTcpLink((yield* echo).port, (port) => void peers.push(port))
      const [spared, held] = yield* Effect.promise(async () => [await clientOn(link.port), await clientOn(link.port)])
      yield* Effect.promise(() => sleep(30))
      yield* link.hold(peers.slice(0, 1))
      spared?.socket.write("a")
      held?.socket.write("b")
      yield* Effect.promise(() => sleep(50))
      assert.deepStrictEqual([spared?.heard, held?.heard], ["a", ""])
      spared?.socket.destroy()
      held?.socket.destroy()
    }).pipe(Effect.scoped))

  it.live("cut, resets its connections and refuses new ones until it is mended", () =>
    Effect.gen(function*() {
      const link = yield* openTcpLink((yield* echo).port, () => undefined)
      const client = yield* Effect.promise(() => clientOn(link.port))
      yield* link.cut
      yield* Effect.promise(() => sleep(50))
      assert.strictEqual(client.ended, "ECONNRESET")
      assert.strictEqual((yield* Effect.promise(() => clientOn(link.port))).ended, "ECONNREFUSED")
      yield* link.mend
      yield* Effect.promise(async () => {
        const again = await clientOn(link.port)
        again.socket.write("back")
        await sleep(50)
        assert.strictEqual(again.heard, "back")
        again.socket.destroy()
      })
    }).pipe(Effect.scoped))
})
