import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger, SubscriptionRef } from "effect"
import { mailedPriority } from "../../../src/domain/mailbox/mailedPriority.ts"
import { type Controls, noControls } from "../../../src/services/QueueControls.ts"
import { until } from "../../support/until.ts"
import type { QueueServer } from "./QueueServer.ts"
import { jobsOf, recorder } from "./runs.ts"
import { makeWorkbench, queueName } from "./workbench.ts"

/** Whose turn it is, whichever server keeps the queues. Jobs are added by BullMQ alone, as the API does it. */
export const queueFairness = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect("a tenant that adds one job while another has a thousand waiting gets its turn within two job lengths", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 1000)))
        const { count, handle, runs } = recorder("60 millis")
        yield* bench.subscribe(handle, 2)
        yield* until(count, (seen) => seen >= 6)
        yield* Effect.promise(() => bench.queue.add("b", { invoiceId: "b", tenantId: "b" }))
        const [before, addedAt] = [runs.length, Date.now()]
        yield* until(Effect.sync(() => runs.some(({ tenant }) => tenant === "b")), (came) => came)
        const place = runs.findIndex(({ tenant }) => tenant === "b")
        assert.isAtMost(place - before, 4, "two lengths of two jobs at once")
        assert.isBelow((runs[place]?.at ?? 0) - addedAt, 1500, "milliseconds")
        assert.isAbove(yield* Effect.promise(() => bench.queue.getWaitingCount()), 900)
      }))

    it.effect("tenants take turns, whatever order their jobs were added in, and the oldest job of each comes first", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        for (const tenant of ["a", "b", "c"]) yield* Effect.promise(() => bench.queue.addBulk(jobsOf(tenant, 8)))
        const { count, handle, namesOf, runs } = recorder("1 millis")
        yield* bench.subscribe(handle, 1)
        yield* until(count, (seen) => seen === 24, 20_000)
        for (let first = 0; first < 24; first += 3) {
          assert.deepStrictEqual(runs.slice(first, first + 3).map(({ tenant }) => tenant).sort(), ["a", "b", "c"], `from ${first}`)
        }
        for (const tenant of ["a", "b", "c"]) assert.deepStrictEqual(namesOf(tenant), jobsOf(tenant, 8).map(({ name }) => name))
      }))

    it.effect("tenants that share several places get as many each", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        for (const tenant of ["a", "b", "c"]) yield* Effect.promise(() => bench.queue.addBulk(jobsOf(tenant, tenant === "a" ? 60 : 20)))
        const { count, handle, namesOf, runs } = recorder("10 millis")
        yield* bench.subscribe(handle, 6)
        yield* until(count, (seen) => seen === 100, 20_000)
        const early = runs.slice(0, 30)
        for (const tenant of ["a", "b", "c"]) assert.strictEqual(early.filter((run) => run.tenant === tenant).length, 10, tenant)
        assert.strictEqual(new Set(runs.map(({ jobId }) => jobId)).size, 100)
        assert.lengthOf(namesOf("a"), 60)
      }))

    it.effect("a tenant's own jobs go by BullMQ's priority, and those of others are no concern of it", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const add = (tenantId: string, priority: number) =>
          Effect.promise(() => bench.queue.add(`${tenantId}${priority}`, { invoiceId: "i", tenantId }, priority === 0 ? {} : { priority }))
        for (const priority of [9, 2, 0, 5]) yield* add("a", priority)
        for (const priority of [8, 7]) yield* add("b", priority)
        const { count, handle, namesOf, runs } = recorder("1 millis")
        yield* bench.subscribe(handle, 1)
        yield* until(count, (seen) => seen === 6)
        assert.deepStrictEqual(namesOf("a"), ["a0", "a2", "a5", "a9"])
        assert.deepStrictEqual(namesOf("b"), ["b7", "b8"])
        assert.sameMembers(runs.slice(0, 2).map(({ tenant }) => tenant), ["a", "b"])
      }))

    it.effect("what people upload overtakes their firm's mailed files that still wait, though these came before", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const add = (name: string, options: object) => Effect.promise(() => bench.queue.add(name, { invoiceId: "i", tenantId: "a" }, options))
        for (let n = 0; n < 10; n++) yield* add(`mailed-${n}`, { priority: mailedPriority })
        for (let n = 0; n < 2; n++) yield* add(`uploaded-${n}`, {})
        const { count, handle, namesOf } = recorder("1 millis")
        yield* bench.subscribe(handle, 1)
        yield* until(count, (seen) => seen === 12)
        assert.deepStrictEqual(namesOf("a"), ["uploaded-0", "uploaded-1", ...Array.from({ length: 10 }, (_, n) => `mailed-${n}`)])
      }))

    it.effect("no tenant has more jobs in flight than its limit, over all replicas, and the places it leaves are others'", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("a", 40)))
        yield* Effect.promise(() => bench.queue.addBulk(jobsOf("b", 10)))
        const { count, handle, mostOf, runs } = recorder("40 millis")
        yield* Effect.all([1, 2, 3].map(() => bench.subscribe(handle, 5, { tenantLimit: 2 })), { concurrency: "unbounded" })
        yield* until(count, (seen) => seen === 50, 40_000)
        assert.strictEqual(mostOf("a"), 2)
        assert.isAtMost(mostOf("b"), 2)
        assert.isBelow(runs.findLastIndex(({ tenant }) => tenant === "b"), 40)
      }))

    it.effect("a paused tenant's jobs wait while others' run, and run when it is resumed", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* Effect.promise(() => bench.queue.addBulk([...jobsOf("a", 6), ...jobsOf("b", 6)]))
        const controls = yield* SubscriptionRef.make<Controls | null>({ ...noControls, pausedTenants: new Map([[queueName, new Set(["a"])]]) })
        const { count, handle, namesOf } = recorder("5 millis")
        const consumer = yield* bench.subscribe(handle, 1, { controls })
        yield* until(count, (seen) => seen === 6)
        yield* Effect.sleep("700 millis")
        assert.deepStrictEqual([namesOf("a").length, namesOf("b").length], [0, 6])
        assert.strictEqual((yield* consumer.status).state, "taking")
        yield* SubscriptionRef.set(controls, noControls)
        yield* until(count, (seen) => seen === 12)
        assert.deepStrictEqual(namesOf("a"), jobsOf("a", 6).map(({ name }) => name))
      }))
  })
