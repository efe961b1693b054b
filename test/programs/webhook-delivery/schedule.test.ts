import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { defaultRetrySchedule } from "../../../src/domain/webhookSchedule.ts"
import type { Verdict } from "../../../src/domain/Verdict.ts"
import { memoryServices, type OneDelivery, oneDelivery } from "../../support/memoryDeliveries.ts"
import { deliver, programServices } from "../../support/webhookProgram.ts"

const job = { webhookId: "w", webhookDeliveryId: "d", tenantId: "t", event: "e", url: "https://x.example/", secret: null, payload: {} }

/** Runs the job again each time it is due, as the queue would, until it is over. */
const toTheEnd = (changes: Parameters<typeof deliver>[1] = {}) =>
  Effect.gen(function*() {
    for (let runs = 1;; runs++) {
      const verdict: Verdict = yield* deliver(job, changes)
      if (verdict._tag !== "Postpone" || runs > 200) return { verdict, runs }
      yield* TestClock.adjust(verdict.after)
    }
  })

const world = (one: OneDelivery) => <A, E, R>(effect: Effect.Effect<A, E, R>) => effect.pipe(Effect.provide(memoryServices(one)), Effect.provide(programServices()))

describe("the retries of a delivery", () => {
  it.effect.each([1, 3, 5, 100])("follow the webhook's schedule over two days, whatever attempts its job carries: %i", (maxAttempts) => {
    const one = oneDelivery()
    return Effect.gen(function*() {
      const { verdict } = yield* toTheEnd({ maxAttempts, number: maxAttempts })
      assert.strictEqual(verdict._tag, "Fail")
      assert.lengthOf(one.sentAt, defaultRetrySchedule.length + 1)
      defaultRetrySchedule.forEach((wait, index) => {
        const took = (one.sentAt[index + 1] ?? 0) - (one.sentAt[index] ?? 0)
        // A tenth more or less; the endpoint's circuit may add half a minute after five failures.
        assert.isAtLeast(took, Duration.toMillis(wait) * 0.9 - 1, `wait ${index}`)
        assert.isAtMost(took, Duration.toMillis(wait) * 1.1 + 61_000, `wait ${index}`)
      })
      assert.approximately((one.sentAt.at(-1) ?? 0) / 3_600_000, 41.7, 4.5)
      assert.isTrue(one.requests.every(({ body }) => body === "{\"b\":1,\"a\":2}"))
      assert.deepStrictEqual(one.records.map(({ nextAfter }) => nextAfter === null), [...defaultRetrySchedule.map(() => false), true])
    }).pipe(world(one))
  })

  it.effect("follow a schedule of the webhook's own, and stop at the first success", () => {
    const one = { ...oneDelivery(), retrySeconds: [1, 60, 3600], answer: () => ({ _tag: "Answered" as const, status: one.sentAt.length === 3 ? 204 : 404 }) }
    return Effect.gen(function*() {
      const { verdict } = yield* toTheEnd()
      assert.deepInclude(verdict, { _tag: "Complete", summary: { status: "delivered", responseStatus: 204, attempt: 3 } })
      assert.lengthOf(one.sentAt, 3)
    }).pipe(world(one))
  })

  it.effect("heed Retry-After in full, up to a day", () => {
    const one = { ...oneDelivery(), retrySeconds: [5, 5, 5], answer: () => ({ _tag: "Answered" as const, status: 429 }), retryAfter: Duration.hours(7) }
    return Effect.gen(function*() {
      const first = yield* deliver(job)
      assert.strictEqual(first._tag, "Postpone")
      if (first._tag === "Postpone") assert.approximately(Duration.toHours(first.after), 7, 0.01)
      const other = yield* deliver({ ...job, webhookDeliveryId: "other" })
      assert.strictEqual(other._tag, "Postpone", "the whole endpoint is left alone")
      assert.lengthOf(one.sentAt, 1)
      yield* TestClock.adjust(Duration.hours(9))
      one.retryAfter = Duration.days(30)
      const second = yield* deliver(job)
      if (second._tag === "Postpone") assert.approximately(Duration.toHours(second.after), 24, 0.01)
    }).pipe(world(one))
  })

  it.effect.each([[400, 1], [410, 1], [413, 1], [501, 1], [401, 4], [404, 4], [408, 4], [500, 4], [503, 4], [301, 4]] as const)(
    "are spared where the same bytes would be refused again: %i",
    ([status, attempts]) => {
      const one = { ...oneDelivery(), retrySeconds: [1, 1, 1], answer: () => ({ _tag: "Answered" as const, status }) }
      return Effect.gen(function*() {
        assert.strictEqual((yield* toTheEnd()).verdict._tag, "Fail")
        assert.lengthOf(one.sentAt, attempts)
        assert.deepStrictEqual(one.told, status === 410 ? ["disabled"] : [])
      }).pipe(world(one))
    }
  )

  it.effect("are not used up by failures of our own side", () => {
    const one = oneDelivery()
    one.answer = () => one.sentAt.length <= 30 ? { _tag: "Broken", failure: "no-route" } : { _tag: "Answered", status: 200 }
    return Effect.gen(function*() {
      const { verdict } = yield* toTheEnd()
      assert.deepInclude(verdict, { _tag: "Complete", summary: { status: "delivered", responseStatus: 200, attempt: 1 } })
      assert.lengthOf(one.sentAt, 31)
    }).pipe(world(one))
  })

  it.live("that have arrived are put on record as soon as the database is there again, and are not sent twice", () => {
    const one = { ...oneDelivery(), answer: () => ({ _tag: "Answered" as const, status: 200 }), awayFor: 2 }
    return Effect.gen(function*() {
      assert.strictEqual((yield* deliver(job))._tag, "Complete")
      assert.lengthOf(one.sentAt, 1)
      assert.lengthOf(one.records, 1)
    }).pipe(world(one))
  })

  it.effect("are put off while the endpoint's circuit is open, without an attempt", () => {
    const one = { ...oneDelivery(), retrySeconds: Array.from({ length: 8 }, () => 1) }
    return Effect.gen(function*() {
      const { runs, verdict } = yield* toTheEnd()
      assert.strictEqual(verdict._tag, "Fail")
      assert.lengthOf(one.sentAt, 9)
      assert.isAbove(runs, 9)
      assert.isAbove((one.sentAt.at(-1) ?? 0) - (one.sentAt[4] ?? 0), 30_000)
    }).pipe(world(one))
  })

  it.effect("and its failures lead to a warning after three days and the end after five", () => {
    const one = { ...oneDelivery(), retrySeconds: Array.from({ length: 50 }, () => 4 * 3600) }
    return Effect.gen(function*() {
      yield* toTheEnd()
      const [warned, disabled] = [one.told.indexOf("warned"), one.told.indexOf("disabled")]
      assert.strictEqual(one.told.filter((what) => what === "warned").length, 1)
      assert.isAbove(disabled, warned)
    }).pipe(world(one))
  })
})
