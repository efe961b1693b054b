import { Effect, Schema } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { Operator } from "../../src/domain/Operator.ts"
import { retryFailed } from "../../src/retrying/retryFailed.ts"
import { type BoardChange, JobBoard } from "../../src/services/JobBoard.ts"
import type { JobInspector } from "../../src/services/JobInspector.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import type { WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import { jsonAnswer, safetyHeaders } from "./guarded.ts"

export type BoardNeeds = JobBoard | JobInspector | QueueControls | WebhookDeliveries

const isQueue = Schema.is(Schema.Literals(Object.values(QUEUE_NAMES)))

/** The board's own way would leave a job's row behind, and its attempts used up. Answered as the board's pages expect it. */
const retry = Effect.fnUntraced(function*({ jobId, queue }: BoardChange, by: string) {
  const answer = isQueue(queue) ? yield* retryFailed(queue, jobId, by) : null
  if (answer === null || answer._tag === "NotFound") return jsonAnswer(404, { error: `${queue} has no job ${jobId}.` })
  if (answer._tag === "NotFailed") return jsonAnswer(400, { error: `Job ${jobId} of ${queue} is ${answer.state}: only a failed job is tried again.` })
  return jobId === null ? jsonAnswer(200, { retried: answer.jobs, skipped: 0 }) : HttpServerResponse.empty({ status: 204, headers: safetyHeaders })
})

/** A request below `/queues`: looking for everybody, trying again for those who may, on record. */
export const boardRequest = (operator: Operator, request: HttpServerRequest) =>
  Effect.gen(function*() {
    const board = yield* JobBoard
    const path = new URL(request.url, "http://board").pathname
    const change = board.changeOf(request.method, path)
    if (change === "refused") return jsonAnswer(405, { error: "The board can look, try failed jobs again and start delayed ones. Pausing is the console's." })
    if (change === null) return yield* board.answer(request)
    if (operator.role !== "operate") return jsonAnswer(403, { error: `${operator.name} may look, but not change anything.` })
    if (change.kind === "retry") return yield* retry(change, operator.name)
    const controls = yield* QueueControls
    yield* controls.note({ by: operator.name, action: "PromoteJob", queue: change.queue, tenantId: null, value: change.jobId })
    return yield* board.answer(request)
  })
