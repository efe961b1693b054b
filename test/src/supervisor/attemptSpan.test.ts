import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Tracer } from "effect"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"
import { runAttempt } from "../../../src/supervisor/attempt.ts"
import { Opening } from "../../../src/supervisor/Program.ts"
import { hiccups, jobAttempt } from "./jobAttempt.ts"
import { toyProgram } from "./toyProgram.ts"

/** The spans of one attempt, as a tracer sees them. */
const spansOf = (program: ReturnType<typeof toyProgram>["program"], change: Partial<JobAttempt> = {}) =>
  Effect.gen(function*() {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    yield* runAttempt(program)(jobAttempt(change)).pipe(Effect.withTracer(tracer))
    return spans
  })

const rootOf = (program: ReturnType<typeof toyProgram>["program"], change: Partial<JobAttempt> = {}) =>
  Effect.flatMap(spansOf(program, change), ([span]) => Effect.fromNullishOr(span))

const traceId = "0af7651916cd43dd8448eb211c80319c"

describe("the span of an attempt", () => {
  it.effect("is named after the queue and carries ids and counts, and nothing else", () =>
    Effect.gen(function*() {
      const span = yield* rootOf(toyProgram().program, { number: 2 })
      assert.strictEqual(span.name, "process email-sync")
      assert.strictEqual(span.kind, "consumer")
      assert.deepStrictEqual(Object.fromEntries(span.attributes), {
        "messaging.system": "bullmq",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": "email-sync",
        "messaging.message.id": "41",
        "tt.job.attempt": 2,
        "tt.job.max_attempts": 3,
        "tt.tenant.id": "t1",
        "tt.job.verdict": "Complete"
      })
      assert.strictEqual(span.status._tag, "Ended")
    }))

  it.effect("continues the producer's trace", () =>
    Effect.gen(function*() {
      const span = yield* rootOf(toyProgram().program, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
      assert.strictEqual(span.traceId, traceId)
      assert.strictEqual(Option.getOrNull(span.parent)?.spanId, "b7ad6b7169203331")
      assert.isTrue(span.sampled)
    }))

  it.effect.each([null, "", "nonsense", "{\"traceparent\":\"x\"}", `00-${"0".repeat(32)}-b7ad6b7169203331-01`])("begins a trace of its own where the producer sent %j", (traceparent) =>
    Effect.gen(function*() {
      const span = yield* rootOf(toyProgram().program, { traceparent })
      assert.isTrue(Option.isNone(span.parent))
      assert.match(span.traceId, /^[0-9a-f]{32}$/)
      assert.notStrictEqual(span.traceId, "0".repeat(32))
    }))

  it.effect.each([
    [{ work: () => Effect.fail(hiccups.transient) }, {}, "Retry", "hiccup"],
    [{ work: () => Effect.fail(hiccups.permanent) }, {}, "Fail", "hiccup"],
    [{ open: () => Effect.die("broken") }, {}, "Retry", "internal-error"],
    [{}, { data: "cafe" }, "Fail", "job-data-invalid"],
    [{ open: () => Effect.succeed(Opening.skip("off")) }, {}, "Complete", undefined]
  ] as const)("says the verdict and the code of what failed (%#)", ([change, attempt, verdict, code]) =>
    Effect.gen(function*() {
      const { attributes } = yield* rootOf(toyProgram(change).program, attempt)
      assert.deepStrictEqual([attributes.get("tt.job.verdict"), attributes.get("error.type")], [verdict, code])
    }))

  it.effect("holds what the program does as its children", () =>
    Effect.gen(function*() {
      const [root, child] = yield* spansOf(toyProgram({ work: () => Effect.succeed({}).pipe(Effect.withSpan("Toy.work")) }).program)
      assert.strictEqual(child?.name, "Toy.work")
      assert.strictEqual(Option.getOrNull(child?.parent ?? Option.none())?.spanId, root?.spanId)
    }))
})
