import { Context, type Effect } from "effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"

/** What somebody wants changed in a queue's lists. */
export interface BoardChange {
  /** `retry`: this worker's own, with the job's row in step. `promote`: a delayed job starts now. */
  readonly kind: "retry" | "promote"
  readonly queue: string
  /** null: all that failed. */
  readonly jobId: string | null
}

/**
 * The pages on which the jobs of all queues can be looked at, each linked to its trace where `TraceUrl` says where those
 * are. Beyond looking they can only have failed jobs tried again and delayed ones start now: what else such pages offer
 * (adding, editing, emptying, pausing) loses jobs or goes past the record of who did what.
 */
export class JobBoard extends Context.Service<JobBoard, {
  /** What this request would change; null where it only looks, "refused" where it may not be done at all. */
  readonly changeOf: (method: string, path: string) => BoardChange | null | "refused"
  /** Answers a request below `/queues`. The pages are loaded when they are first asked for. */
  readonly answer: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<HttpServerResponse.HttpServerResponse, { readonly message: string }>
}>()("tt-worker/services/JobBoard") {}
