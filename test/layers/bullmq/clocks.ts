import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Logger } from "effect"
import { BullmqJobQueues } from "../../../layers/bullmq/BullmqJobQueue.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { JobQueues } from "../../../src/services/JobQueue.ts"
import { QueueServer } from "./QueueServer.ts"
import { data, queueName } from "./workbench.ts"

const rules = { holder: "test", tenantLimit: null, pausedTenants: new Set<string>() }
const apart = 90_000

/** As on a machine whose clock is so many milliseconds ahead. */
const withClock = <A, E, R>(ahead: number, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const real = Date.now
      Date.now = () => real() + ahead
      return real
    }),
    () => effect,
    (real) => Effect.sync(() => void (Date.now = real))
  )

/** Machines whose clocks are apart, on the same queue. */
export const clocksApart = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    const opened = Effect.gen(function*() {
      const place = yield* (yield* QueueServer).newPlace
      const queues = yield* Layer.build(Layer.fresh(Layer.provide(BullmqJobQueues, place.backend)))
      const queue = yield* place.openQueue(queueName)
      return { place, queue, jobs: yield* Effect.provide(JobQueues.use(({ open }) => open(queueName)), queues) }
    })

    for (const ahead of [apart, -apart]) {
      it.effect(`runs a delayed job when it is due, on a machine ${ahead / 1000} s ahead`, () =>
        Effect.gen(function*() {
          const { jobs, queue } = yield* opened
          yield* Effect.promise(() => queue.add("process", data, { delay: 60_000 }))
          const due = yield* Effect.promise(() => queue.add("process", data, { delay: 50 }))
          yield* Effect.sleep("100 millis")
          const { jobs: taken } = yield* withClock(ahead, jobs.take(5, rules))
          assert.deepStrictEqual(taken.map(({ attempt }) => attempt.jobId), [due.id ?? ""])
        }))

      for (const verdict of [Verdict.Retry({ after: Duration.seconds(1), reason: "away" }), Verdict.Postpone({ after: Duration.seconds(1), reason: "busy" })]) {
        it.effect(`tries again after as long as was said, also from a machine ${ahead / 1000} s ahead (${verdict._tag})`, () =>
          Effect.gen(function*() {
            const { jobs, queue } = yield* opened
            yield* Effect.promise(() => queue.add("process", data))
            yield* withClock(ahead, Effect.gen(function*() {
              const { jobs: taken } = yield* jobs.take(1, rules)
              for (const job of taken) assert.strictEqual(yield* jobs.acknowledge(job, verdict), "done")
            }))
            const at = Date.now()
            assert.lengthOf((yield* jobs.take(1, rules)).jobs, 0, "it came back too early")
            for (;;) {
              if ((yield* jobs.take(1, rules)).jobs.length > 0) break
              assert.isBelow(Date.now() - at, 5_000, "it does not come back")
              yield* Effect.sleep("50 millis")
            }
            assert.isAbove(Date.now() - at, 800)
          }))
      }

      it.effect(`keeps the job of a machine ${ahead / 1000} s ahead, as long as it renews its lock`, () =>
        Effect.gen(function*() {
          const { jobs, queue } = yield* opened
          yield* Effect.promise(() => queue.add("process", data))
          const { jobs: taken } = yield* withClock(ahead, jobs.take(1, rules))
          assert.lengthOf(taken, 1)
          for (let look = 0; look < 3; look++) {
            assert.deepStrictEqual(yield* jobs.recoverStalled, [])
            assert.deepStrictEqual(yield* withClock(ahead, jobs.renew(taken)), [])
            yield* Effect.sleep("2100 millis")
          }
        }))
    }
  })
