import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { Verdict } from "../../../../src/domain/Verdict.ts"
import { JobQueues } from "../../../../src/services/JobQueue.ts"
import { noControls } from "../../../../src/services/QueueControls.ts"
import { ConsumerBoard } from "../../../../src/supervisor/consumer/ConsumerBoard.ts"
import { LiveControls } from "../../../../src/supervisor/consumer/LiveControls.ts"
import { startConsumer } from "../../../../src/supervisor/consumer/QueueConsumer.ts"
import { Solitude } from "../../../../src/supervisor/consumer/Solitude.ts"
import { makeMemoryQueue } from "../../../support/memoryJobQueue.ts"
import { monotonicByTestClock } from "../../../support/monotonicClock.ts"
import { pass } from "../treeWorkbench.ts"
import { toldClaims } from "./consumerBench.ts"

/** Two queues in one process; their jobs run until the test ends them. */
const twoQueues = Effect.gen(function*() {
  yield* monotonicByTestClock
  const queues = { "email-sync": makeMemoryQueue("email-sync"), "automation": makeMemoryQueue("automation") }
  const claims = toldClaims()
  const begun: Array<string> = []
  const gates = new Map<string, Deferred.Deferred<void>>()
  const context = yield* Layer.build(Layer.mergeAll(
    Layer.succeed(JobQueues, {
      open: (name) => name === "email-sync" || name === "automation" ? Effect.succeed(queues[name].queue) : Effect.die(`no queue ${name}`)
    }),
    ConsumerBoard.layer,
    LiveControls.fixed(noControls),
    Solitude.layer,
    claims.layer
  ))
  for (const queue of ["email-sync", "automation"] as const) {
    const run = yield* startConsumer({
      queue,
      concurrency: 3,
      tenantLimit: null,
      handle: ({ jobId }) =>
        Effect.suspend(() => {
          begun.push(jobId)
          const gate = Deferred.makeUnsafe<void>()
          gates.set(jobId, gate)
          return Effect.as(Deferred.await(gate), Verdict.Complete({ summary: {} }))
        })
    }).pipe(Effect.provideContext(context), Effect.orDie)
    yield* Effect.forkScoped(Effect.orDie(Effect.provideContext(run, context)))
  }
  yield* pass("0 millis")
  const finish = (jobId: string) => {
    const gate = gates.get(jobId)
    return gate === undefined ? Effect.die(`${jobId} has not begun`) : Effect.andThen(Deferred.succeed(gate, undefined), pass("0 millis"))
  }
  return { begun, claims, finish, mail: queues["email-sync"], automation: queues["automation"] }
})

describe("a job that may have killed its process", () => {
  it.effect("waits for the jobs of every queue of its process, and none of any queue begins beside it", () =>
    Effect.gen(function*() {
      const { automation, begun, claims, finish, mail } = yield* twoQueues
      claims.histories.set("suspect", { deaths: 1, deathsAlone: 0 })
      yield* automation.add("a")
      yield* pass("0 millis")
      yield* mail.addLost("another", "suspect")
      yield* pass("1 second")
      yield* automation.add("b")
      yield* mail.add("c")
      yield* pass("5 seconds")
      assert.deepStrictEqual(begun, ["a"])
      yield* finish("a")
      assert.deepStrictEqual(begun, ["a", "suspect"])
      yield* pass("30 seconds")
      assert.deepStrictEqual(begun, ["a", "suspect"])
      yield* finish("suspect")
      yield* pass("3 seconds")
      assert.sameMembers(begun, ["a", "suspect", "b", "c"])
      for (const jobId of ["b", "c"]) yield* finish(jobId)
    }))

  it.effect("takes its turn with suspects of other queues: one at a time", () =>
    Effect.gen(function*() {
      const { automation, begun, claims, finish, mail } = yield* twoQueues
      for (const jobId of ["s1", "s2"]) claims.histories.set(jobId, { deaths: 1, deathsAlone: 1 })
      yield* Effect.all([mail.addLost("another", "s1"), automation.addLost("another", "s2")])
      yield* pass("5 seconds")
      assert.lengthOf(begun, 1)
      yield* finish(begun[0] ?? "")
      yield* pass("5 seconds")
      assert.sameMembers(begun, ["s1", "s2"])
      yield* finish(begun[1] ?? "")
    }))
})
