import { Effect } from "effect"
import { randomInt } from "node:crypto"
import { createServer } from "node:net"

// Below the ports that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections: a server that is
// stopped and started again finds its port as it left it, even if others try to connect meanwhile.
const LOWEST = 10_240
const BEYOND = 32_768
const TRIES = 50

const listenOn = (port: number): Effect.Effect<number> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(0)))
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      const found = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resume(Effect.succeed(found)))
    })
  })

/** A loopback port that nothing listens on now. Another program may take it before we do: callers try again. */
export const freePort: Effect.Effect<number> = Effect.gen(function*() {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = yield* listenOn(randomInt(LOWEST, BEYOND))
    if (port !== 0) return port
  }
  return yield* listenOn(0)
})
