import { Effect } from "effect"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { freePort } from "../../layers/embedded/freePort.ts"

/** Stands between a server and its clients, so that the server can seem to be gone, or to hang. */
export const interruptible = (target: URL) =>
  Effect.gen(function*() {
    const port = yield* freePort
    const sockets = new Set<Socket>()
    const pipes = new Map<Socket, Socket>()
    let hanging = false
    const proxy = createServer((near) => {
      const far = connect(Number(target.port), target.hostname)
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one)
        one.on("error", () => other.destroy()).on("close", () => {
          sockets.delete(one)
          pipes.delete(one)
          other.destroy()
        })
        pipes.set(one, other)
        if (!hanging) one.pipe(other)
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
    const hang = Effect.sync(() => {
      hanging = true
      for (const [one, other] of pipes) one.unpipe(other).pause()
    })
    const goOn = Effect.sync(() => {
      hanging = false
      for (const [one, other] of pipes) one.pipe(other)
    })
    yield* Effect.acquireRelease(start, () => stop)
    return { port, start, stop, hang, goOn }
  })
