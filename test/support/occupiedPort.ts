import { Effect, type Scope } from "effect"
import { createServer } from "node:http"

/** A port that some other program listens on until `free` is run, or the scope closes. */
export const occupiedPort: Effect.Effect<{ readonly port: number; readonly free: Effect.Effect<void> }, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (address === null || typeof address === "string") return resume(Effect.die("no port"))
      const free = Effect.callback<void>((freed) => void server.close(() => freed(Effect.void)))
      resume(Effect.succeed({ port: address.port, free }))
    })
  }),
  ({ free }) => free
)
