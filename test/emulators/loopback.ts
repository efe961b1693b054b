import { once } from "node:events"
import * as http from "node:http"
import { Effect, type Scope } from "effect"

/** An HTTP server on a free loopback port until the scope closes; gives its base URL. */
export const listen = (handler: http.RequestListener): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = http.createServer(handler).listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) =>
      Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
  ).pipe(
    Effect.map((server) => server.address()),
    Effect.flatMap((address) =>
      address !== null && typeof address === "object" ? Effect.succeed(`http://127.0.0.1:${address.port}`) : Effect.die("no port")
    )
  )

/** The whole body of a request, as text. */
export const bodyOf = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
