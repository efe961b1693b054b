import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { Effect, Schedule, type Scope } from "effect"
import { freePort } from "../../layers/embedded/freePort.ts"

/** A TCP link between one worker and one server, which can fail as a network does. */
export interface TcpLink {
  /** Where the worker connects to. */
  readonly port: number
  /** Connections are reset, new ones refused. */
  readonly cut: Effect.Effect<void>
  /** No byte flows, nothing is closed; new connections are taken and wait. `except`: ports (this side of the server) that go on. */
  readonly hold: (except?: ReadonlyArray<number>) => Effect.Effect<void>
  /** Undoes both; held bytes flow on. */
  readonly mend: Effect.Effect<void>
}

interface Pair {
  readonly near: Socket
  far: Socket | null
  held: boolean
}

/** Copies one way; what the other side cannot take yet waits at its source. */
const copy = (pair: Pair, from: Socket, to: Socket): void => {
  from.on("data", (chunk) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on("drain", () => {
    if (!pair.held) from.resume()
  })
}

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  return address !== null && typeof address === "object" ? address.port : port
}

/**
 * A link on a free loopback port to `target` until the scope closes. `onPeer` is told the local port of each connection
 * to the server, by which the server's own records (client_port) name this link.
 */
export const openTcpLink = (target: number, onPeer: (port: number) => void): Effect.Effect<TcpLink, never, Scope.Scope> =>
  Effect.gen(function*() {
    const pairs = new Set<Pair>()
    let holding = false

    const drop = (pair: Pair): void => {
      pairs.delete(pair)
      pair.near.destroy()
      pair.far?.destroy()
    }
    const onward = (pair: Pair): void => {
      const far = connect(target, "127.0.0.1")
      pair.far = far
      far.once("connect", () => onPeer(far.localPort ?? 0))
      for (const socket of [pair.near, far]) socket.setNoDelay(true).on("error", () => drop(pair)).on("close", () => drop(pair))
      copy(pair, pair.near, far)
      copy(pair, far, pair.near)
    }
    const server = createServer({ pauseOnConnect: true }, (near) => {
      const pair: Pair = { near, far: null, held: holding }
      pairs.add(pair)
      near.on("error", () => drop(pair))
      if (holding) return
      onward(pair)
      near.resume()
    })
    server.on("error", () => undefined)
    // Of a kind that no outgoing connection is given while the link is cut.
    const port = yield* Effect.acquireRelease(
      freePort.pipe(
        Effect.flatMap((free) => Effect.tryPromise(() => listen(server, free))),
        Effect.retry({ times: 20 }),
        Effect.orDie
      ),
      () =>
        Effect.sync(() => {
          for (const pair of pairs) drop(pair)
          server.close()
        })
    )
    const listenAgain = Effect.tryPromise(() => listen(server, port)).pipe(
      Effect.retry({ times: 100, schedule: Schedule.spaced("50 millis") }),
      Effect.orDie
    )

    return {
      port,
      cut: Effect.sync(() => {
        server.close()
        for (const pair of pairs) {
          pair.near.resetAndDestroy()
          drop(pair)
        }
      }),
      hold: (except = []) =>
        Effect.sync(() => {
          holding = true
          for (const pair of pairs) {
            if (pair.far !== null && except.includes(pair.far.localPort ?? 0)) continue
            pair.held = true
            pair.near.pause()
            pair.far?.pause()
          }
        }),
      mend: Effect.gen(function*() {
        holding = false
        if (!server.listening) yield* listenAgain
        for (const pair of pairs) {
          if (!pair.held) continue
          pair.held = false
          if (pair.far === null) onward(pair)
          else pair.far.resume()
          pair.near.resume()
        }
      })
    }
  })
