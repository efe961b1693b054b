import { once } from "node:events"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { pipeline } from "node:stream/promises"
import { Clock, Data, Effect, FiberSet, Option, Schema, type Scope } from "effect"
import { StorageKey } from "../../src/domain/ids.ts"
import type { FaultKind } from "./DiskFault.ts"
import { openFile } from "./diskFiles.ts"
import type { DiskRoot } from "./diskRoot.ts"
import { verifyPath } from "./signedPath.ts"

export interface FileServerOptions {
  readonly root: DiskRoot
  /** What URLs are signed with (`signPath`). */
  readonly secret: Uint8Array
}

/** The answer that is no file. */
class Refusal extends Data.TaggedError("Refusal")<{ readonly status: number; readonly words: string }> {}

const decodeKey = Schema.decodeOption(StorageKey)

/** What is no fault of the key must not look like a missing file: that would end a job for good. */
const statusOf: Readonly<Record<FaultKind, number>> = { missing: 404, denied: 403, passing: 503 }

const answer = Effect.fnUntraced(function*(options: FileServerOptions, request: http.IncomingMessage, response: http.ServerResponse) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return yield* new Refusal({ status: 405, words: "only GET and HEAD" })
  }
  const key = verifyPath(options.secret, request.url ?? "", yield* Clock.currentTimeMillis).pipe(Option.flatMap(decodeKey))
  if (Option.isNone(key)) return yield* new Refusal({ status: 403, words: "the signature is wrong or has expired" })
  const { handle, size } = yield* openFile(options.root, key.value).pipe(
    Effect.mapError((fault) => new Refusal({ status: statusOf[fault.kind], words: fault.code }))
  )
  response.writeHead(200, { "content-length": size, "content-type": "application/octet-stream", "cache-control": "no-store" })
  if (request.method === "HEAD" || size === 0) return void response.end()
  // No more than the size that was promised, should the file be replaced by a longer one in place.
  const file = handle.createReadStream({ start: 0, end: size - 1, autoClose: false })
  // A reader that hangs up is no fault of ours; its connection is gone already.
  yield* Effect.tryPromise((signal) => pipeline(file, response, { signal })).pipe(Effect.ignore)
}, Effect.scoped)

/** No signed target in a log or span: requests leave no trace beyond their answer. */
const serve = (options: FileServerOptions, request: http.IncomingMessage, response: http.ServerResponse) =>
  answer(options, request, response).pipe(
    Effect.catch((refusal) =>
      Effect.sync(() => {
        const headers = { "content-type": "text/plain", ...(refusal.status === 405 ? { allow: "GET, HEAD" } : {}) }
        response.writeHead(refusal.status, headers).end(refusal.words)
      })
    ),
    Effect.withTracerEnabled(false)
  )

/**
 * Serves signed, expiring URLs of one folder on a free port of the loopback interface until the scope closes, and
 * gives the base URL. It stands for the bucket's HTTP side, so that reading is one and the same in every mode.
 */
export const startFileServer = Effect.fnUntraced(function*(
  options: FileServerOptions
): Effect.fn.Return<string, never, Scope.Scope> {
  const run = yield* FiberSet.makeRuntime<never, void, never>()
  const server = http.createServer((request, response) => void run(serve(options, request, response)))
  // A reader that takes nothing for this long is gone; its file would stay open.
  server.setTimeout(60_000)
  yield* Effect.acquireRelease(
    Effect.promise(() => {
      server.listen(0, "127.0.0.1")
      return once(server, "listening")
    }),
    () =>
      Effect.promise(() => {
        const closed = once(server, "close")
        server.close()
        server.closeAllConnections()
        return closed
      })
  )
  const isPort = (address: string | AddressInfo | null): address is AddressInfo => address !== null && typeof address === "object"
  const address = server.address()
  return isPort(address) ? `http://127.0.0.1:${address.port}` : yield* Effect.die("the file server has no port")
})
