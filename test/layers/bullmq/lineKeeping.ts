import { assert, layer } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Layer, Logger, Scope } from "effect"
import { Verdict } from "../../../src/domain/Verdict.ts"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"
import { until } from "../../support/until.ts"
import type { QueueServer } from "./QueueServer.ts"
import { jobsOf, recorder } from "./runs.ts"
import { done, makeWorkbench, untilState } from "./workbench.ts"

/** The line loses nothing and keeps nobody waiting, whatever is done to it, whichever server keeps the queues. */
export const lineKeeping = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect("a job that was handed back is the first of its tenant's thousand, no attempt used", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const scope = yield* Scope.make()
        const began = yield* Deferred.make<string>()
        const first = yield* bench.subscribe(({ jobId }) => Deferred.succeed(began, jobId).pipe(Effect.andThen(Effect.never)), 1).pipe(Scope.provide(scope))
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 1000)))
        const jobId = yield* Deferred.await(began)
        yield* first.stopTaking
        assert.strictEqual(yield* first.handBack, 1)
        yield* Scope.close(scope, Exit.void)
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("b", 3)))
        const { count, handle, runs } = recorder("5 millis")
        yield* bench.subscribe(handle, 1)
        yield* until(count, (seen) => seen >= 3)
        assert.deepInclude(runs[0], { jobId, number: 1 })
        assert.strictEqual(runs.filter((run) => run.jobId === jobId).length, 1)
      }))

    for (const priority of [0, 7]) {
      it.effect(`with priority ${priority} too, a job that was handed back is next of its tenant, then come those that are tried again, then the rest`, () =>
        Effect.gen(function*() {
          const bench = yield* makeWorkbench
          const scope = yield* Scope.make()
          const verdicts: Readonly<Record<string, Effect.Effect<Verdict>>> = {
            handed: Effect.never,
            retried: Effect.succeed(Verdict.Retry({ after: Duration.millis(200), reason: "busy" })),
            failed: Effect.succeed(Verdict.Fail({ reason: "broken" }))
          }
          const first = yield* bench.subscribe(({ jobName }) => verdicts[jobName] ?? Effect.succeed(done), 3).pipe(Scope.provide(scope))
          const add = (name: string) => Effect.promise(() => bench.queue.add(name, { invoiceId: "i", tenantId: "a" }, { attempts: 3, ...(priority === 0 ? {} : { priority }) }))
          const [handed, retried, failed] = [yield* add("handed"), yield* add("retried"), yield* add("failed")]
          yield* untilState(bench, handed, "active")
          yield* untilState(bench, retried, "delayed")
          yield* untilState(bench, failed, "failed")
          yield* first.stopTaking
          yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 200)))
          // An operator's wish, by BullMQ's own means.
          yield* Effect.promise(() => failed.retry())
          yield* Effect.sleep("300 millis")
          assert.strictEqual(yield* first.handBack, 1)
          yield* Scope.close(scope, Exit.void)
          const { count, handle, runs } = recorder("1 millis")
          yield* bench.subscribe(handle, 1)
          yield* until(count, (seen) => seen >= 6)
          assert.strictEqual(runs[0]?.name, "handed")
          assert.sameMembers(runs.slice(1, 3).map(({ name }) => name), ["retried", "failed"])
          assert.deepStrictEqual(runs.slice(3, 6).map(({ name }) => name), ["a0", "a1", "a2"])
        }))
    }

    it.effect("a job that is tried again at once does not go behind those that have not begun", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { handle, runs } = recorder("5 millis", (run) => run.name === "again" && run.number < 4 ? Verdict.Retry({ after: Duration.zero, reason: "busy" }) : done)
        yield* Effect.promise(() => bench.queue.add("again", { invoiceId: "i", tenantId: "a" }, { attempts: 5, priority: 3 }))
        yield* bench.subscribe((attempt) =>
          Effect.andThen(runs.length === 0 ? Effect.promise(() => bench.queue.addBulk(jobsOf("a", 200))) : Effect.void, handle(attempt)), 1)
        const tries = () => runs.flatMap(({ name }, index) => name === "again" ? [index] : [])
        yield* until(Effect.sync(() => tries().length), (seen) => seen === 4)
        assert.isBelow(tries()[3] ?? Number.NaN, 20)
      }))

    it.effect("a job whose holder is gone comes before the ones that have not begun, no attempt used", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const abandoned = yield* bench.add({ attempts: 1 }, "abandoned")
        const { handle, runs } = recorder("100 millis", (run) => run.name === "abandoned" && runs.length === 1 ? Verdict.Abandon() : done)
        yield* bench.subscribe(handle, 1)
        yield* until(Effect.sync(() => runs.length), (seen) => seen === 1)
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("t", 1000)))
        yield* untilState(bench, abandoned, "completed", 25_000)
        assert.isAbove(yield* Effect.promise(() => bench.queue.getWaitingCount()), 500)
        assert.deepStrictEqual(runs.filter(({ name }) => name === "abandoned").map(({ number }) => number), [1, 1])
      }))

    it.effect("a delayed job runs when it is due, on an idle queue and on a busy one", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { count, handle, runs } = recorder("20 millis")
        yield* bench.subscribe(handle, 2)
        const due = new Map<string, number>()
        const addDelayed = (name: string, delay: number) =>
          Effect.sync(() => void due.set(name, Date.now() + delay)).pipe(
            Effect.andThen(Effect.promise(() => bench.queue.add(name, { invoiceId: "i", tenantId: "d" }, { delay })))
          )
        yield* Effect.sleep("300 millis")
        for (const [name, delay] of [["soon", 250], ["later", 900]] as const) yield* addDelayed(name, delay)
        yield* until(count, (seen) => seen === 2)
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 200)))
        for (const [name, delay] of [["busy", 300], ["busier", 600]] as const) yield* addDelayed(name, delay)
        yield* until(Effect.sync(() => runs.filter(({ tenant }) => tenant === "d").length), (seen) => seen === 4)
        for (const [name, moment] of due) {
          const late = (runs.find((run) => run.name === name)?.at ?? Number.NaN) - moment
          assert.isAtLeast(late, -50, `${name}: milliseconds late`)
          assert.isBelow(late, 1000, `${name}: milliseconds late`)
        }
        assert.isAbove(yield* Effect.promise(() => bench.queue.getWaitingCount()), 0)
      }))

    it.effect("a job that was put off for a moment comes again when it is due, however many of others wait", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 400)))
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("b", 1)))
        const { handle, runs } = recorder("20 millis", ({ tenant }) =>
          tenant === "b" && runs.filter((run) => run.tenant === "b").length < 4 ? Verdict.Postpone({ after: Duration.millis(200), reason: "busy" }) : done)
        yield* bench.subscribe(handle, 2)
        const moments = yield* until(Effect.sync(() => runs.filter(({ tenant }) => tenant === "b").map(({ at }) => at)), (seen) => seen.length === 4)
        for (const [index, at] of moments.slice(1).entries()) assert.isBelow(at - (moments[index] ?? 0), 1200, "milliseconds")
        assert.isAbove(yield* Effect.promise(() => bench.queue.getWaitingCount()), 0)
      }))

    it.effect("jobs that do not say whose they are, or say it oddly, run all the same", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const odd = [{}, { tenantId: 7 }, { tenantId: null }, { tenantId: ["t"] }, { tenantId: { id: "t" } }, { tenantId: "" }, { tenantId: "'; é\u2028 %s {}" }, null, 42, "text", [], [{ tenantId: "t" }], true]
        yield* Effect.promise(() => bench.queue.addBulk([...odd.map((data, index) => ({ name: `odd${index}`, data })), ...jobsOf("t", 5)]))
        const { count, handle, runs } = recorder("1 millis")
        yield* bench.subscribe(handle, 3)
        yield* until(count, (seen) => seen >= odd.length + 5)
        yield* until(Effect.promise(() => bench.queue.getCompletedCount()), (seen) => seen === odd.length + 5)
        assert.sameMembers(runs.map(({ name }) => name), [...odd.map((_, index) => `odd${index}`), ...jobsOf("t", 5).map(({ name }) => name)])
      }))

    it.effect("jobs that are removed, promoted, added anew or given another priority meanwhile are run once each, or not at all where removed", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { handle, runs } = recorder("10 millis")
        const jobs = yield* Effect.promise(() => bench.queue.addBulk([...jobsOf("a", 60), ...jobsOf("b", 60)]))
        const delayed = yield* Effect.promise(() => bench.queue.addBulk(jobsOf("c", 6).map((job) => ({ ...job, opts: { delay: 600_000 } }))))
        yield* bench.subscribe(handle, 2)
        const removed = new Set<string>()
        for (const [index, job] of jobs.toReversed().entries()) {
          if (index >= 80) break
          // A job that is at work by now cannot be removed or moved.
          // One that has run by now can be removed as well, from among those that have completed.
          if (index % 4 === 0) yield* Effect.promise(() => job.remove().then(() => runs.some(({ name }) => name === job.name) ? undefined : removed.add(job.name), () => undefined))
          if (index % 4 === 1) yield* Effect.promise(() => job.changePriority({ priority: 1 + index % 7 }).catch(() => undefined))
          if (index % 4 === 2) yield* Effect.promise(() => job.changePriority({ lifo: true }).catch(() => undefined))
        }
        for (const job of delayed) yield* Effect.promise(() => job.promote())
        const expected = [...jobs, ...delayed].map(({ name }) => name).filter((name) => !removed.has(name))
        yield* until(Effect.sync(() => runs.length), (seen) => seen >= expected.length, 25_000)
        assert.isAtLeast(removed.size, 5)
        assert.deepStrictEqual(runs.map(({ name }) => name).sort(), expected.sort())
        const again = yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 3)))
        for (const job of again) yield* untilState(bench, job, "completed")
      }))

    it.effect("a queue that somebody paused by BullMQ's own means is left alone until it is resumed", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { count, handle, runs } = recorder("5 millis")
        const consumer = yield* bench.subscribe(handle, 2)
        yield* untilState(bench, yield* bench.add(), "completed")
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 5).map((job) => ({ ...job, opts: { delay: 300 } }))))
        yield* Effect.promise(() => bench.queue.pause())
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("b", 5)))
        yield* Effect.sleep("1200 millis")
        assert.lengthOf(runs, 1)
        assert.strictEqual((yield* consumer.status).state, "taking")
        yield* Effect.promise(() => bench.queue.resume())
        yield* until(count, (seen) => seen === 11)
        yield* until(Effect.promise(() => bench.queue.getCompletedCount()), (seen) => seen === 11)
      }))

    it.effect("a queue whose jobs at once somebody has bounded by BullMQ's own means runs no more, over all replicas", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.setGlobalConcurrency(2))
        yield* Effect.promise(() => bench.queue.addBulk([...jobsOf("a", 6), ...jobsOf("b", 6)]))
        let [now, most] = [0, 0]
        const { count, handle } = recorder("40 millis")
        const counted = (attempt: JobAttempt) =>
          Effect.sync(() => void (most = Math.max(most, ++now))).pipe(
            Effect.andThen(handle(attempt)),
            Effect.ensuring(Effect.sync(() => void now--))
          )
        yield* Effect.all([1, 2].map(() => bench.subscribe(counted, 4)), { concurrency: "unbounded" })
        yield* until(count, (seen) => seen === 12, 25_000)
        assert.strictEqual(most, 2)
      }))

    it.effect("a queue whose rate somebody has bounded by BullMQ's own means keeps to it", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.setGlobalRateLimit(3, 1_500))
        yield* Effect.promise(() => bench.queue.addBulk([...jobsOf("a", 4), ...jobsOf("b", 4)]))
        const { count, handle, runs } = recorder("5 millis")
        yield* bench.subscribe(handle, 6)
        yield* until(count, (seen) => seen === 8, 25_000)
        const [first = Number.NaN, ...others] = runs.map(({ at }) => at)
        assert.isAtLeast((others[2] ?? Number.NaN) - first, 1_400, "milliseconds")
        assert.isAtLeast((others[5] ?? Number.NaN) - first, 2_900, "milliseconds")
      }))

    it.effect("a job that was added to be first is first of its tenant", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 3)))
        yield* Effect.promise(() => bench.queue.add("first", { invoiceId: "i", tenantId: "a" }, { lifo: true }))
        const { count, handle, namesOf } = recorder("1 millis")
        yield* bench.subscribe(handle, 1)
        yield* until(count, (seen) => seen === 4)
        assert.deepStrictEqual(namesOf("a"), ["first", "a0", "a1", "a2"])
      }))
  })
