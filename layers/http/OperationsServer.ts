import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Data, Duration, Effect, Layer, Ref } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import { createServer } from "node:http"
import { OperationsAddress } from "../../src/services/OperationsAddress.ts"

/** By which host and port are set. */
interface Variables {
  readonly host: string
  readonly port: string
}
const ofOperations: Variables = { host: "OPS_HOST", port: "OPS_PORT" }
export const ofHealth: Variables = { host: "HEALTH_HOST", port: "HEALTH_PORT" }

export class OperationsServerError extends Data.TaggedError("OperationsServerError")<{ readonly host: string; readonly port: number; readonly variables: Variables; readonly cause: unknown }> {
  override get message(): string {
    const code = codeOf(this.cause)
    const { host, port } = this.variables
    const why = code === "EADDRINUSE"
      ? `is taken by another program; set ${port} to another port, or to 0 for a free one`
      : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
      ? `is not an address of this machine; check ${host}`
      : `cannot be listened on${code === null ? "" : ` (${code})`}; check ${host} and ${port}`
    return `operations server: ${this.host}:${this.port} ${why}`
  }
}

const codeOf = (cause: unknown): string | null => {
  if (typeof cause !== "object" || cause === null) return null
  if ("code" in cause && typeof cause.code === "string") return cause.code
  return "cause" in cause ? codeOf(cause.cause) : null
}

/**
 * Serves the given routes, as a child of a supervisor: it has started when it listens, and then fails when it no longer
 * does. Meanwhile `OperationsAddress` says where. When its scope closes, connections get two seconds to end.
 */
export const start = <E, R>(options: {
  readonly host: string
  readonly port: number
  readonly variables?: Variables
  readonly routes: Layer.Layer<never, E, R>
}) =>
  Effect.gen(function*() {
    const { host, port, routes, variables = ofOperations } = options
    const failed = (cause: unknown) => new OperationsServerError({ host, port, variables, cause })
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 })
    const context = yield* HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true }).pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => server, { host, port, gracefulShutdownTimeout: Duration.seconds(2) })),
      // Another run of this child is another server.
      Layer.fresh,
      Layer.build,
      Effect.mapError(failed)
    )
    const address = yield* OperationsAddress
    yield* Effect.acquireRelease(
      Ref.set(address, HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)),
      () => Ref.set(address, null)
    )
    return Effect.callback<never, OperationsServerError>((resume) => {
      const onError = (cause: Error): void => resume(Effect.fail(failed(cause)))
      const onClose = (): void => resume(Effect.fail(failed(new Error("it has closed"))))
      server.once("error", onError).once("close", onClose)
      return Effect.sync(() => server.off("error", onError).off("close", onClose))
    })
  })
