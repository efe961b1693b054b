import { IncomingMessage, ServerResponse } from "node:http"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Queue } from "bullmq"
import { Effect, Layer } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { shownJobData } from "../../src/domain/shownJobData.ts"
import { type BoardChange, JobBoard } from "../../src/services/JobBoard.ts"
import { traceHref, TraceUrl } from "../../src/services/TraceUrl.ts"
import { loadInTurns } from "../process/loadInTurns.ts"
import { OpenQueues } from "./OpenQueues.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import { type TracedJob, traceIdOf } from "./traceMetadata.ts"

const base = "/queues"

/** As the console's own, but for bull-board's inline styles; its fonts from elsewhere are not fetched. */
const safetyHeaders = {
  "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer"
}

/** The only changes that are let through. */
const changes: ReadonlyArray<readonly [BoardChange["kind"], RegExp]> = [
  ["retry", new RegExp(`^${base}/api/queues/(?<queue>[^/]+)/retry/failed$`)],
  ["retry", new RegExp(`^${base}/api/queues/(?<queue>[^/]+)/(?<jobId>[^/]+)/retry(/failed)?$`)],
  ["promote", new RegExp(`^${base}/api/queues/(?<queue>[^/]+)/(?<jobId>[^/]+)/promote$`)]
]

export const changeOf = (method: string, path: string): BoardChange | null | "refused" => {
  if (method === "GET" || method === "HEAD") return null
  if (method !== "PUT") return "refused"
  for (const [kind, change] of changes) {
    const found = change.exec(path)?.groups
    if (found !== undefined) return { kind, queue: decodeURIComponent(found["queue"] ?? ""), jobId: found["jobId"] === undefined ? null : decodeURIComponent(found["jobId"]) }
  }
  return "refused"
}

/** `JobBoard` by bull-board. Its modules take 25 MB, so they are loaded when somebody looks, in turns with other work. */
export const BullmqJobBoard: Layer.Layer<JobBoard, never, QueueBackend> = Layer.effect(
  JobBoard,
  Effect.gen(function*() {
    const { open } = yield* OpenQueues
    const traceUrl = yield* TraceUrl
    const load = yield* Effect.cached(Effect.gen(function*() {
      const queues = yield* Effect.forEach(Object.values(QUEUE_NAMES), open)
      const { default: express } = yield* loadInTurns("express", ["qs", "body-parser", "router", "send"], () => import("express"))
      const { createBullBoard } = yield* Effect.promise(() => import("@bull-board/api"))
      const { BullMQAdapter } = yield* Effect.promise(() => import("@bull-board/api/bullMQAdapter"))
      const { ExpressAdapter } = yield* Effect.promise(() => import("@bull-board/express"))
      return yield* Effect.sync(() => {
        const serverAdapter = new ExpressAdapter()
        serverAdapter.setBasePath(base)
        createBullBoard({
          serverAdapter,
          queues: queues.flatMap(({ raw }) => {
            if (!(raw instanceof Queue)) return []
            const adapter = Object.assign(new BullMQAdapter(raw, { allowRetries: true }), traceUrl === null ? {} : {
              externalJobUrl: (job: TracedJob) => {
                const traceId = traceIdOf(job)
                return traceId === null ? undefined : { displayText: "trace", href: traceHref(traceUrl, traceId) }
              }
            })
            adapter.setFormatter("data", shownJobData)
            return adapter
          }),
          options: { uiConfig: { boardTitle: "tt-worker", hideRedisDetails: true } }
        })
        return express().disable("x-powered-by").use(base, serverAdapter.getRouter())
      })
    }))
    return JobBoard.of({
      changeOf,
      answer: (request) =>
        Effect.flatMap(load, (app) =>
          Effect.callback<HttpServerResponse.HttpServerResponse>((resume) => {
            const [incoming, response] = [NodeHttpServerRequest.toIncomingMessage(request), NodeHttpServerRequest.toServerResponse(request)]
            if (!(incoming instanceof IncomingMessage) || !(response instanceof ServerResponse)) return resume(Effect.succeed(HttpServerResponse.empty({ status: 505 })))
            for (const [name, value] of Object.entries(safetyHeaders)) response.setHeader(name, value)
            response.once("close", () => resume(Effect.succeed(HttpServerResponse.empty({ status: response.statusCode }))))
            app(incoming, response)
          }))
    })
  })
).pipe(Layer.provide(OpenQueues.layer))
