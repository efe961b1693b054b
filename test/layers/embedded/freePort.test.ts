import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:net"
import { freePort } from "../../../layers/embedded/freePort.ts"

const listening = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, Error>((resume) => {
      const server = createServer()
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => { server.close(() => resume(Effect.void)) })
  )

it.effect("a free port can be listened on, and no outgoing connection is ever given it", () =>
  Effect.gen(function*() {
    for (let round = 0; round < 50; round++) {
      const port = yield* freePort
      expect(port).toBeGreaterThan(1023)
      expect(port).toBeLessThan(32_768)
      yield* Effect.scoped(listening(port))
    }
  }))
