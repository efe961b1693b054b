import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { Operator } from "../../src/domain/Operator.ts"
import { JobBoard } from "../../src/services/JobBoard.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import { jsonAnswer } from "./guarded.ts"

export type BoardNeeds = JobBoard | QueueControls

/** A request below `/queues`: looking for everybody, trying again for those who may, on record. */
export const boardRequest = (operator: Operator, request: HttpServerRequest) =>
  Effect.gen(function*() {
    const board = yield* JobBoard
    const path = new URL(request.url, "http://board").pathname
    const change = board.changeOf(request.method, path)
    if (change === "refused") return jsonAnswer(405, { error: "The board can look, try failed jobs again and start delayed ones. Pausing is the console's." })
    if (change !== null) {
      if (operator.role !== "operate") return jsonAnswer(403, { error: `${operator.name} may look, but not change anything.` })
      const controls = yield* QueueControls
      yield* controls.note({ by: operator.name, action: "RetryJob", queue: change.queue, tenantId: null, value: change.jobId ?? "all that failed" })
    }
    return yield* board.answer(request)
  })
