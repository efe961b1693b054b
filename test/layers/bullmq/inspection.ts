import { assert, layer } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Logger, Option } from "effect"
import { BullmqJobInspector } from "../../../layers/bullmq/BullmqJobInspector.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { JobInspector } from "../../../src/services/JobInspector.ts"
import { until } from "../../support/until.ts"
import { QueueServer } from "./QueueServer.ts"
import { answering, consumeFrom, done, queueName } from "./workbench.ts"

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
const secretUrl = "https://hooks.example.org/services/T0/SECRET"

/** Looking at failed jobs and having them tried again, on either server. */
export const jobInspection = (name: string, server: Layer.Layer<QueueServer>) =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    const failedJobs = (count: number, ...later: ReadonlyArray<Verdict>) =>
      Effect.gen(function*() {
        const place = yield* (yield* QueueServer).newPlace
        const queue = yield* place.openQueue(queueName)
        const inspector = Context.get(yield* Layer.build(Layer.fresh(Layer.provide(BullmqJobInspector, place.backend))), JobInspector)
        const fails = Array.from({ length: count }, () => Verdict.Fail({ reason: `provider-down: nobody answers at ${secretUrl}`, trace }))
        const program = answering(...fails, ...later)
        yield* consumeFrom(place.backend, queueName, program.handle, 1)
        const jobs = yield* Effect.promise(() =>
          queue.addBulk(Array.from({ length: count }, (_, index) => ({ name: "process", data: { tenantId: "t", invoiceId: `i${index}`, secret: "s3cr3t", url: secretUrl } }))))
        yield* until(inspector.failed(queueName, 500), (failed) => failed.length === count, 20_000)
        return { inspector, program, ids: jobs.map(({ id }) => id ?? "") }
      })

    it.effect("shows failed jobs with reason and trace, and no secret, payload or path of an address", () =>
      Effect.gen(function*() {
        const { ids, inspector } = yield* failedJobs(2)
        const failed = yield* inspector.failed(queueName, 1)
        assert.lengthOf(failed, 1)
        const [id = ""] = ids
        const job = Option.getOrThrow(yield* inspector.show(queueName, id))
        assert.deepInclude(job, {
          id,
          state: "failed",
          attempts: 1,
          reason: "provider-down: nobody answers at https://hooks.example.org/…",
          traceId: "0af7651916cd43dd8448eb211c80319c",
          data: { tenantId: "t", invoiceId: "i0", secret: "…", url: "https://hooks.example.org/…" }
        })
        assert.notInclude(JSON.stringify(job), "SECRET")
        assert.isTrue(Option.isNone(yield* inspector.show(queueName, "no-such-job")))
      }))

    it.effect("gives the data of what is not at an end, whatever its state, and of nothing else", () =>
      Effect.gen(function*() {
        const place = yield* (yield* QueueServer).newPlace
        const queue = yield* place.openQueue(queueName)
        const inspector = Context.get(yield* Layer.build(Layer.fresh(Layer.provide(BullmqJobInspector, place.backend))), JobInspector)
        const { handle } = answering(done)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* consumeFrom(place.backend, queueName, handle, 1)
          const ended = yield* Effect.promise(() => queue.add("process", { tenantId: "t", invoiceId: "ended" }))
          yield* until(Effect.promise(() => queue.getJobState(ended.id ?? "")), (state) => state === "completed", 10_000)
        }))
        yield* Effect.promise(() => queue.addBulk([
          { name: "process", data: { invoiceId: "waits" } },
          { name: "process", data: { invoiceId: "first" }, opts: { priority: 2 } },
          { name: "process", data: { invoiceId: "later" }, opts: { delay: 60_000 } }
        ]))
        assert.sameDeepMembers([...yield* inspector.unfinished(queueName, 10)], [{ invoiceId: "waits" }, { invoiceId: "first" }, { invoiceId: "later" }])
        assert.lengthOf(yield* inspector.unfinished(queueName, 2), 2)
      }))

    it.effect("tries one failed job again with all its attempts, and no other job", () =>
      Effect.gen(function*() {
        const { ids, inspector, program } = yield* failedJobs(1, done)
        const [id = ""] = ids
        assert.deepStrictEqual(yield* inspector.retry(queueName, id, () => Effect.void), { _tag: "Retried", jobs: 1 })
        yield* until(inspector.show(queueName, id), (job) => Option.getOrNull(job)?.state === "completed", 10_000)
        assert.deepStrictEqual(program.attempts.map(({ number }) => number), [1, 1])
        assert.deepStrictEqual(yield* inspector.retry(queueName, id, () => Effect.void), { _tag: "NotFailed", state: "completed" })
        assert.deepStrictEqual(yield* inspector.retry(queueName, "no-such-job", () => Effect.void), { _tag: "NotFound" })
      }))

    it.effect("tries all that have failed again, each once, also those that fail once more", () =>
      Effect.gen(function*() {
        const { inspector, program } = yield* failedJobs(130)
        assert.deepStrictEqual(yield* inspector.retry(queueName, null, () => Effect.void), { _tag: "Retried", jobs: 130 })
        yield* until(Effect.sync(() => program.attempts.length), (count) => count === 260, 20_000)
        assert.deepStrictEqual(yield* inspector.retry(queueName, null, () => Effect.void).pipe(Effect.map(({ _tag }) => _tag)), "Retried")
      }))

    it.effect("prepares each job before it is tried again, and leaves alone those that cannot be", () =>
      Effect.gen(function*() {
        const { ids, inspector } = yield* failedJobs(1, done)
        const [id = ""] = ids
        const refused = yield* Effect.exit(inspector.retry(queueName, id, () => Effect.fail("the row is gone")))
        assert.isTrue(Exit.isFailure(refused))
        assert.strictEqual(Option.getOrNull(yield* inspector.show(queueName, id))?.state, "failed")
        const seen: Array<unknown> = []
        yield* inspector.retry(queueName, null, (job) => Effect.sync(() => void seen.push(job)))
        assert.deepStrictEqual(seen, [{ id, data: { tenantId: "t", invoiceId: "i0", secret: "s3cr3t", url: secretUrl } }])
      }))

    it.effect("shows a payload and an address to who asks for them, and no secret", () =>
      Effect.gen(function*() {
        const { ids, inspector } = yield* failedJobs(1)
        const job = Option.getOrNull(yield* inspector.show(queueName, ids[0] ?? "", { reveal: true }))
        assert.deepStrictEqual(job?.data, { tenantId: "t", invoiceId: "i0", secret: "…", url: secretUrl })
      }))
  })
