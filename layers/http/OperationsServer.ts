import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Data, Duration, Effect, Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import { createServer } from "node:http"

export class OperationsServerError extends Data.TaggedError("OperationsServerError")<{ readonly host: string; readonly port: number; readonly cause: unknown }> {
  override get message(): string {
    const code = codeOf(this.cause)
    const why = code === "EADDRINUSE"
      ? "is taken by another program; set OPS_PORT to another port, or to 0 for a free one"
      : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
      ? "is not an address of this machine; check OPS_HOST"
      : `cannot be listened on${code === null ? "" : ` (${code})`}; check OPS_HOST and OPS_PORT`
    return `operations server: ${this.host}:${this.port} ${why}`
  }
}

const codeOf = (cause: unknown): string | null => {
  if (typeof cause !== "object" || cause === null) return null
  if ("code" in cause && typeof cause.code === "string") return cause.code
  return "cause" in cause ? codeOf(cause.cause) : null
}

/** Serves the given routes; `listening` is told the real port. Connections get two seconds to end. */
export const layer = <E, R>(options: {
  readonly host: string
  readonly port: number
  readonly routes: Layer.Layer<never, E, R>
}) =>
  HttpRouter.serve(options.routes, { disableListenLog: true, disableLogger: true }).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(() => createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }), {
        host: options.host,
        port: options.port,
        gracefulShutdownTimeout: Duration.seconds(2)
      })
    ),
    Layer.catch((cause) => Layer.effect(HttpServer.HttpServer, Effect.fail(new OperationsServerError({ host: options.host, port: options.port, cause }))))
  )
