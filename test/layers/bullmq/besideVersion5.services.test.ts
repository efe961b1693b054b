import { assert, layer } from "@effect/vitest"
import { Queue as Queue5, Worker as Worker5 } from "bullmq5"
import { Duration, Effect, Layer, Logger, Redacted } from "effect"
import { redisBackend } from "../../../layers/bullmq/backends.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { OwnRedis } from "../../support/ownRedis.ts"
import { until } from "../../support/until.ts"
import { consumeFrom, done } from "./workbench.ts"

let databases = 0

/** A place on Redis where an API on BullMQ 5 and this worker meet; what runs is noted by the invoice's id. */
const meet = (name: typeof QUEUE_NAMES[keyof typeof QUEUE_NAMES]) =>
  Effect.gen(function*() {
    const url = Redacted.make(`${Redacted.value(yield* OwnRedis.useSync((redis) => redis.url))}/${++databases}`)
    const connection = { url: Redacted.value(url) }
    const queue = yield* Effect.acquireRelease(
      Effect.sync(() => new Queue5(name, { connection })),
      (open) => Effect.promise(() => open.close())
    )
    const ran: Array<string> = []
    const idOf = (data: unknown): string => typeof data === "object" && data !== null && "invoiceId" in data ? String(data.invoiceId) : "?"
    /** Of these the first attempt fails for good. */
    const failing = new Set<string>()
    const consume = consumeFrom(Layer.orDie(redisBackend({ url, label: "own Redis", waits: true, retention: defaultRetention })), name, ({ data }) =>
      Effect.sync(() => {
        const id = idOf(data)
        ran.push(id)
        return failing.delete(id) ? Verdict.Fail({ reason: "file-damaged" }) : done
      }), 1)
    const add = (invoiceId: string, options = {}) => Effect.promise(() => queue.add("process", { tenantId: "t", invoiceId }, options))
    return { queue, connection, ran, failing, consume, add }
  })

const all = (ran: ReadonlyArray<string>, count: number) => until(Effect.sync(() => ran.length), (length) => length >= count, 30_000)

layer(Layer.merge(OwnRedis.layer, Logger.layer([])), { excludeTestServices: true, timeout: "90 seconds" })("a producer and dashboard on BullMQ 5, beside this worker", (it) => {
  it.effect("adds, delays, gives priorities, promotes and retries: nothing is lost, and each runs as often as was asked for", () =>
    Effect.gen(function*() {
      const { add, consume, failing, queue, ran } = yield* meet(QUEUE_NAMES.INVOICE_PROCESSING)
      failing.add("fails")
      yield* add("plain")
      yield* add("third", { priority: 3 })
      yield* add("first", { priority: 1 })
      yield* add("soon", { delay: 300 })
      const later = yield* add("later", { delay: 3_600_000 })
      const fails = yield* add("fails")
      yield* consume
      yield* all(ran, 5)
      assert.sameMembers(ran, ["plain", "third", "first", "soon", "fails"])
      assert.isBelow(ran.indexOf("first"), ran.indexOf("third"))

      yield* Effect.promise(async () => {
        await later.promote()
        const failed = await queue.getFailed()
        assert.deepStrictEqual(failed.map(({ failedReason, id }) => [id, failedReason]), [[fails.id, "file-damaged"]])
        await failed[0]?.retry()
      })
      yield* all(ran, 7)
      assert.sameMembers(ran, ["plain", "third", "first", "soon", "fails", "later", "fails"])
      const counts = yield* until(
        Effect.promise(() => queue.getJobCounts("waiting", "prioritized", "active", "delayed", "failed", "completed")),
        ({ completed = 0 }) => completed === 6,
        10_000
      )
      assert.deepInclude(counts, { waiting: 0, prioritized: 0, active: 0, delayed: 0, failed: 0 })
      // A dashboard of that version shows what became of them.
      const shown = yield* Effect.promise(() => queue.getCompleted())
      assert.isTrue(shown.every(({ returnvalue }) => JSON.stringify(returnvalue) === JSON.stringify({ status: "processed" })))
    }))

  it.effect("has left jobs in every state: each runs", () =>
    Effect.gen(function*() {
      const { add, connection, consume, queue, ran } = yield* meet(QUEUE_NAMES.INVOICE_PROCESSING)
      const began: Array<string> = []
      // Whoever looks for stalled jobs keeps others from it for its own interval, here a second.
      const old = new Worker5<{ readonly invoiceId: string }>(queue.name, ({ data }) => {
        began.push(data.invoiceId)
        return data.invoiceId === "hangs" ? new Promise(() => undefined) : Promise.reject(new Error("down"))
      }, { connection, lockDuration: 1_000, stalledInterval: 1_000, concurrency: 1 })
      old.on("error", () => undefined)
      yield* add("fails", { attempts: 1 })
      yield* add("comes-again", { attempts: 2, backoff: 500 })
      yield* until(Effect.sync(() => began.length), (count) => count === 2, 10_000)
      yield* add("hangs")
      yield* until(Effect.sync(() => began.length), (count) => count >= 3, 10_000)
      yield* add("waits")
      yield* add("waits-with-priority", { priority: 5 })
      yield* add("delayed", { delay: 1_000 })
      yield* Effect.promise(() => old.close(true))
      const [failed] = yield* Effect.promise(() => queue.getFailed())
      yield* Effect.promise(async () => void await failed?.retry())

      yield* consume
      yield* all(ran, 6)
      yield* Effect.sleep(Duration.millis(500))
      assert.sameMembers(ran, ["fails", "comes-again", "hangs", "waits", "waits-with-priority", "delayed"])
    }))
})
