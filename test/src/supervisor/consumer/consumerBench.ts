import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import type { Verdict } from "../../../../src/domain/Verdict.ts"
import { JobClaims, JobClaimsError, type JobHistory } from "../../../../src/services/JobClaims.ts"
import { type JobAttempt, JobQueues } from "../../../../src/services/JobQueue.ts"
import { type Controls, noControls } from "../../../../src/services/QueueControls.ts"
import { ConsumerBoard } from "../../../../src/supervisor/consumer/ConsumerBoard.ts"
import { LiveControls } from "../../../../src/supervisor/consumer/LiveControls.ts"
import { startConsumer } from "../../../../src/supervisor/consumer/QueueConsumer.ts"
import { Solitude } from "../../../../src/supervisor/consumer/Solitude.ts"
import { consumerTold } from "../../../support/consumerTold.ts"
import { type everyCall, makeMemoryQueue } from "../../../support/memoryJobQueue.ts"
import { monotonicByTestClock } from "../../../support/monotonicClock.ts"
import { pass } from "../treeWorkbench.ts"

export const queueName = "email-sync"

/** What is known of jobs, as a test says it; and what was noted of them. */
export const toldClaims = () => {
  const histories = new Map<string, JobHistory>()
  /** Have a record, though their queue may not know why. */
  const recorded = new Set<string>()
  const notes: Array<string> = []
  const state = { away: false }
  const noted = (what: string, jobId: string) => Effect.sync(() => void notes.push(`${what} ${jobId}`))
  const layer = Layer.succeed(JobClaims, {
    holder: "a-process",
    recorded: () => Effect.sync(() => new Set(recorded)),
    begin: ({ jobId }, lostBy) =>
      Effect.suspend(() =>
        state.away
          ? Effect.fail(new JobClaimsError({ detail: "the database does not answer" }))
          : Effect.as(noted(lostBy === null ? "begin" : `begin after ${lostBy}`, jobId), histories.get(jobId) ?? { deaths: 0, deathsAlone: 0 })),
    runsAlone: ({ jobId }) => noted("runsAlone", jobId),
    end: ({ jobId }) => noted("end", jobId),
    putBack: ({ jobId }) => noted("putBack", jobId)
  })
  return { histories, recorded, notes, state, layer }
}

/** A consumer on a queue in memory, with the clock in the test's hands. */
export const startBench = Effect.fnUntraced(function*<R>(
  handle: (attempt: JobAttempt) => Effect.Effect<Verdict, never, R>,
  change: { readonly concurrency?: number; readonly controls?: Controls | null; readonly broken?: ReadonlyArray<(typeof everyCall)[number]> } = {}
) {
  yield* monotonicByTestClock
  const memory = makeMemoryQueue(queueName)
  yield* memory.break(...change.broken ?? [])
  const claims = toldClaims()
  const context = yield* Layer.build(Layer.mergeAll(
    Layer.succeed(JobQueues, { open: () => Effect.succeed(memory.queue) }),
    ConsumerBoard.layer,
    change.controls === null ? LiveControls.layer : LiveControls.fixed(change.controls ?? noControls),
    Solitude.layer,
    claims.layer
  ))
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      yield* memory.mend
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* pass("5 seconds")
      yield* Fiber.join(closing)
    }))
  const begun = startConsumer({ queue: queueName, concurrency: change.concurrency ?? 2, tenantLimit: null, handle })
  const run = yield* begun.pipe(Effect.provideContext(context), Scope.provide(scope), Effect.orDie)
  const fiber = yield* Effect.forkChild(Effect.exit(Effect.provideContext(run, context)))
  const [consumer] = yield* Context.get(context, ConsumerBoard).all
  if (consumer === undefined) return yield* Effect.die("no consumer has begun")
  yield* pass("0 millis")
  return {
    memory,
    claims,
    consumer: consumerTold(consumer),
    /** Runs until it ends by itself. */
    fiber,
    solitude: Context.get(context, Solitude),
    setControls: (controls: Controls) => Effect.provideContext(LiveControls.set(controls), context).pipe(Effect.andThen(pass("0 millis"))),
    board: Context.get(context, ConsumerBoard),
    /** As its supervisor stops it. */
    close: Effect.andThen(Fiber.interrupt(fiber), Scope.close(scope, Exit.void))
  }
})
