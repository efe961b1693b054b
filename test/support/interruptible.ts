import { Effect } from "effect"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { freePort } from "../../layers/embedded/freePort.ts"

/** Stands between a server and its clients, so that the server can seem to be gone. */
export const interruptible = (target: URL) =>
  Effect.gen(function*() {
    const port = yield* freePort
    const sockets = new Set<Socket>()
    const proxy = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one)
        one.on("error", () => other.destroy()).on("close", () => {
          sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
    const start = Effect.promise(async () => {
      proxy.listen(port, "127.0.0.1")
      await once(proxy, "listening")
    })
    const stop = Effect.sync(() => {
      proxy.close()
      for (const socket of sockets) socket.destroy()
    })
    yield* Effect.acquireRelease(start, () => stop)
    return { port, start, stop }
  })
