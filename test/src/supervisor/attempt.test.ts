import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { Opening } from "../../../src/supervisor/Program.ts"
import { hiccups, jobAttempt } from "./jobAttempt.ts"
import { meanwhile, toyProgram, withLines } from "./toyProgram.ts"

const reason = "hiccup: the other side hiccuped"

describe("an attempt that goes well", () => {
  it.effect("completes with what the program says, and lets the program do nothing more", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram()
      const [verdict, lines] = yield* withLines(runAttempt(program)(jobAttempt()))
      assert.deepStrictEqual(verdict, Verdict.Complete({ summary: { imported: 2 } }))
      assert.deepStrictEqual(steps, ["open", "work"])
      assert.match(lines, /level=INFO.*email-sync job 41 completed.*queue=email-sync jobId=41 attempt=1 tt.tenant.id=t1/)
    }))

  it.effect("has nothing to do", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ open: () => Effect.succeed(Opening.skip("feature-off")) })
      assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt()), Verdict.Complete({ summary: { skipped: true, reason: "feature-off" } }))
      assert.deepStrictEqual(steps, ["open"])
    }))

  it.effect("is a tick of an older BullMQ's repeatable job that has lost its data: it completes with that reason and runs nothing", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram()
      for (const data of [{}, null]) {
        const verdict = yield* runAttempt(program)(jobAttempt({ jobId: "repeat:9d0c:1795621566836", data }))
        if (verdict._tag !== "Complete") return assert.fail(verdict._tag)
        assert.include(verdict.summary["reason"], "tick-without-data")
      }
      assert.strictEqual((yield* runAttempt(program)(jobAttempt({ data: {} })))._tag, "Fail", "any other job without data is somebody's mistake")
      assert.isEmpty(steps)
    }))

  it.effect("waits for somebody else, but not for ever", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ open: () => Effect.succeed(Opening.wait(Duration.seconds(5), "busy")) })
      const attempt = runAttempt(program)
      assert.deepStrictEqual(yield* attempt(jobAttempt()), Verdict.Postpone({ after: Duration.seconds(5), reason: "busy" }))
      yield* TestClock.adjust("25 hours")
      assert.deepStrictEqual(yield* attempt(jobAttempt()), Verdict.Fail({ reason: "put off for longer than 1d; last: busy" }))
      assert.deepStrictEqual(steps, ["open", "open"])
    }))

  it.effect("of a job from a clock that is ahead counts as new", () =>
    Effect.gen(function*() {
      const { program } = toyProgram({ open: () => Effect.succeed(Opening.wait(Duration.seconds(5), "busy")) })
      assert.strictEqual((yield* runAttempt(program)(jobAttempt({ addedAt: 3_600_000 })))._tag, "Postpone")
    }))
})

describe("an attempt that fails", () => {
  it.effect.each([
    ["for a moment", hiccups.transient, {}, Verdict.Retry({ after: Duration.seconds(2), reason }), ["noteRetry", "t1: hiccup, next in 2s"]],
    ["for the last time", hiccups.transient, { number: 3 }, Verdict.Fail({ reason: `${reason} (attempt 3 of 3)` }), ["giveUp", "t1: hiccup, It did not work."]],
    ["for good", hiccups.permanent, {}, Verdict.Fail({ reason }), ["giveUp", "t1: hiccup, It did not work."]],
    ["for a pause that was asked for", hiccups.busy, { number: 3 }, Verdict.Postpone({ after: Duration.seconds(30), reason }), ["noteRetry", "t1: hiccup, next in 30s"]]
  ] as const)("%s leaves its record with what it held", ([, failure, change, verdict, closing]) =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ work: () => Effect.fail(failure) })
      assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt(change)), verdict)
      assert.deepStrictEqual(steps, ["open", "work", ...closing])
    }))

  it.effect("before anything is held records nothing", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ open: () => Effect.fail(hiccups.permanent) })
      assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt()), Verdict.Fail({ reason }))
      assert.deepStrictEqual(steps, ["open"])
    }))

  it.effect.each([
    ["for good", hiccups.permanent, {}, ["open", "refuse"]],
    ["for the last time", hiccups.transient, { number: 3 }, ["open", "refuse"]],
    ["for a moment", hiccups.transient, {}, ["open"]],
    ["for a pause that was asked for", hiccups.busy, {}, ["open"]]
  ] as const)("%s before anything is held has its last word only when there is no other attempt", ([, failure, change, expected]) =>
    Effect.gen(function*() {
      let told: string | null = null
      const { program, steps } = toyProgram({
        open: () => Effect.fail(failure),
        refuse: ({ tenantId }, { jobId }, { code }) => Effect.sync(() => void (told = `${tenantId} ${jobId} ${code}`))
      })
      const verdict = yield* runAttempt(program)(jobAttempt(change))
      assert.deepStrictEqual(steps, [...expected])
      assert.deepStrictEqual([verdict._tag === "Fail", told], expected.length === 2 ? [true, "t1 41 hiccup"] : [false, null])
    }))

  it.effect.each(["open", "work"] as const)("by a defect in %s is tried again, with the cause in the log and nowhere else", (step) =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ [step]: () => Effect.die(new TypeError("x of undefined, near 4711")) })
      const [verdict, lines] = yield* withLines(runAttempt(program)(jobAttempt()))
      const said = "internal-error: unexpected TypeError; its cause is in the log"
      assert.deepStrictEqual(verdict, Verdict.Retry({ after: Duration.seconds(2), reason: said }))
      assert.match(lines, /level=ERROR[^\n]*a program broke[^]*near 4711/)
      assert.deepStrictEqual(steps, step === "open" ? ["open"] : ["open", "work", "noteRetry", "t1: internal-error, next in 2s"])
    }))

  it.effect.each(["a word", 42, null, undefined])("by a defect that is no error (%s) does not break it either", (thrown) =>
    Effect.gen(function*() {
      const { program } = toyProgram({ work: () => Effect.die(thrown) })
      assert.strictEqual((yield* runAttempt(program)(jobAttempt({ number: 3 })))._tag, "Fail")
    }))

  it.effect("by a program that interrupts itself uses up an attempt, so that it does not come back for ever", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram({ work: () => Effect.interrupt })
      assert.strictEqual((yield* runAttempt(program)(jobAttempt()))._tag, "Retry")
      assert.deepStrictEqual(steps, ["open", "work", "noteRetry", "t1: internal-error, next in 2s"])
    }))

  it.effect("by job data of the wrong shape fails for good, names the fields, and opens nothing", () =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram()
      const [verdict, lines] = yield* withLines(runAttempt(program)(jobAttempt({ data: { tenantId: 4711 } })))
      assert.deepStrictEqual(verdict, Verdict.Fail({ reason: "job-data-invalid: the job's data does not fit queue email-sync: tenantId: expected string" }))
      assert.deepStrictEqual(steps, [])
      assert.match(lines, /level=WARN.*failed for good/)
      assert.notInclude(lines, "4711")
    }))

  it.effect("by job data with several faults names them all", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ tenantId: Schema.String, day: Schema.Int })
      const verdict = yield* runAttempt({ ...toyProgram().program, schema })(jobAttempt({ data: { day: "monday" } }))
      assert.match(verdict._tag === "Fail" ? verdict.reason : "", /tenantId: [^;]+; day: [^;]+$/)
    }))
})

describe("an attempt that takes too long", () => {
  it.effect("is interrupted at its time limit, and the work really ends", () =>
    Effect.gen(function*() {
      let ended = false
      const { program, steps } = toyProgram({ work: () => Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => void (ended = true)))) })
      const fiber = yield* meanwhile(runAttempt(program)(jobAttempt()), "179 seconds")
      assert.isFalse(ended)
      yield* TestClock.adjust("1 second")
      const verdict = yield* Fiber.join(fiber)
      assert.deepStrictEqual(verdict, Verdict.Retry({ after: Duration.seconds(2), reason: "time-limit: the attempt was stopped after 3 minutes" }))
      assert.isTrue(ended)
      assert.deepStrictEqual(steps, ["open", "work", "noteRetry", "t1: time-limit, next in 3m 2s"])
    }))

  it.effect("to open is given up after fifteen seconds", () =>
    Effect.gen(function*() {
      const { program } = toyProgram({ open: () => Effect.never })
      const verdict = yield* Fiber.join(yield* meanwhile(runAttempt(program)(jobAttempt()), "15 seconds"))
      assert.deepInclude(verdict, { _tag: "Retry", reason: "time-limit: the attempt was stopped after 15 seconds" })
    }))
})

describe("an outcome that cannot be recorded", () => {
  it.effect("brings the job back for its last word: a row is never left behind", () =>
    Effect.gen(function*() {
      const closings = [[Effect.fail(hiccups.transient), 5], [Effect.fail(hiccups.permanent), 60], [Effect.die("broken"), 5]] as const
      for (const [giveUp, seconds] of closings) {
        const { program } = toyProgram({ work: () => Effect.fail(hiccups.permanent), giveUp: () => giveUp })
        const [verdict, lines] = yield* withLines(runAttempt(program)(jobAttempt()))
        assert.deepStrictEqual(verdict, Verdict.Postpone({ after: Duration.seconds(seconds), reason }))
        assert.match(lines, /level=WARN.*the outcome could not be recorded/)
      }
    }))

  it.effect("brings the job back also when nothing was held", () =>
    Effect.gen(function*() {
      const { program } = toyProgram({ open: () => Effect.fail(hiccups.permanent), refuse: () => Effect.fail(hiccups.transient) })
      assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt()), Verdict.Postpone({ after: Duration.seconds(5), reason }))
    }))

  it.effect("does not bring it back for ever", () =>
    Effect.gen(function*() {
      const { program } = toyProgram({ work: () => Effect.fail(hiccups.permanent), giveUp: () => Effect.fail(hiccups.transient) })
      yield* TestClock.adjust("25 hours")
      assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt()), Verdict.Fail({ reason: `put off for longer than 1d; last: ${reason}` }))
    }))

  it.effect("since the database does not answer is waited for fifteen seconds", () =>
    Effect.gen(function*() {
      const { program } = toyProgram({ work: () => Effect.fail(hiccups.permanent), giveUp: () => Effect.never })
      const verdict = yield* Fiber.join(yield* meanwhile(runAttempt(program)(jobAttempt()), "15 seconds"))
      assert.strictEqual(verdict._tag, "Postpone")
    }))

  it.effect("changes nothing when the job is tried again anyway", () =>
    Effect.gen(function*() {
      for (const noteRetry of [Effect.fail(hiccups.permanent), Effect.die("broken")]) {
        const { program } = toyProgram({ work: () => Effect.fail(hiccups.transient), noteRetry: () => noteRetry })
        assert.deepStrictEqual(yield* runAttempt(program)(jobAttempt()), Verdict.Retry({ after: Duration.seconds(2), reason }))
      }
    }))
})
