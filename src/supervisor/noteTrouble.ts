import { Clock, Effect, Option } from "effect"
import type { Verdict } from "../domain/Verdict.ts"
import type { JobAttempt } from "../services/JobQueue.ts"
import { RunningWork } from "../services/RunningWork.ts"

const outcomes = { Retry: "retry", Fail: "fail", Postpone: "postpone" } as const

/** For people who look at what went wrong last, where anybody does. */
export const noteTrouble = ({ jobId, queue }: JobAttempt, { _tag, reason }: Extract<Verdict, { readonly reason: string }>): Effect.Effect<void> =>
  Effect.gen(function*() {
    const work = yield* Effect.serviceOption(RunningWork)
    if (Option.isNone(work)) return
    const span = yield* Effect.option(Effect.currentSpan)
    yield* work.value.note({
      at: yield* Clock.currentTimeMillis,
      queue,
      jobId,
      outcome: outcomes[_tag],
      reason,
      traceId: Option.getOrNull(Option.map(span, ({ traceId }) => traceId)),
      times: 1
    })
  })
