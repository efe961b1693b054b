import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import type { Failure } from "../../../src/domain/Failure.ts"
import { Retry } from "../../../src/domain/Retry.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { AttemptEnd, type Circumstances, decideVerdict } from "../../../src/supervisor/verdict.ts"
import { Hiccup, hiccups, jobAttempt } from "./jobAttempt.ts"

const reason = "hiccup: the other side hiccuped"
const circumstances = (change: { readonly number?: number; readonly maxAttempts?: number; readonly ageHours?: number } = {}): Circumstances => ({
  attempt: jobAttempt(change),
  age: Duration.hours(change.ageHours ?? 0),
  maxAge: Duration.hours(24),
  random: 0.5
})

const { code, message, plainWords, retry } = hiccups.busy
const patient: Failure = { _tag: "Patient", code, message, plainWords, retry, patience: Duration.days(32) }
const failed = (failure: Hiccup) => AttemptEnd.Failed({ failure })
const waiting = AttemptEnd.Waiting({ after: Duration.seconds(5), reason: "another job is at it" })

const count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))
const hours = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 48 }))
const AnyEnd = Schema.Literals(["success", "skip", "wait", "transient", "permanent", "busy"])
const endOf = (kind: typeof AnyEnd.Type): AttemptEnd => {
  switch (kind) {
    case "success":
      return AttemptEnd.Succeeded({ summary: {} })
    case "skip":
      return AttemptEnd.Skipped({ reason: "off" })
    case "wait":
      return waiting
    default:
      return failed(hiccups[kind])
  }
}

describe("the verdict", () => {
  it.each<readonly [string, AttemptEnd, Circumstances, Verdict]>([
    ["success", AttemptEnd.Succeeded({ summary: { pages: 3 } }), circumstances(), Verdict.Complete({ summary: { pages: 3 } })],
    ["success at the last attempt of an old job", AttemptEnd.Succeeded({ summary: {} }), circumstances({ number: 3, ageHours: 90 }), Verdict.Complete({ summary: {} })],
    ["nothing to do", AttemptEnd.Skipped({ reason: "feature-off" }), circumstances(), Verdict.Complete({ summary: { skipped: true, reason: "feature-off" } })],
    ["somebody else is at it", waiting, circumstances({ number: 3 }), Verdict.Postpone({ after: Duration.seconds(5), reason: "another job is at it" })],
    ["somebody else is at it for a day", waiting, circumstances({ ageHours: 25 }), Verdict.Fail({ reason: "put off for longer than 1d; last: another job is at it" })],
    ["a hiccup with attempts left", failed(hiccups.transient), circumstances({ number: 2 }), Verdict.Retry({ after: Duration.seconds(4), reason })],
    ["a hiccup at the last attempt", failed(hiccups.transient), circumstances({ number: 3 }), Verdict.Fail({ reason: `${reason} (attempt 3 of 3)` })],
    ["a hiccup of a job that may be tried once", failed(hiccups.transient), circumstances({ maxAttempts: 1 }), Verdict.Fail({ reason: `${reason} (attempt 1 of 1)` })],
    ["a hiccup beyond the last attempt", failed(hiccups.transient), circumstances({ number: 7 }), Verdict.Fail({ reason: `${reason} (attempt 7 of 3)` })],
    ["a pause that was asked for", failed(hiccups.busy), circumstances({ number: 3 }), Verdict.Postpone({ after: Duration.seconds(30), reason })],
    ["a pause that was asked for, for a day", failed(hiccups.busy), circumstances({ ageHours: 24.1 }), Verdict.Fail({ reason: `put off for longer than 1d; last: ${reason}` })],
    ["a pause by something that has more patience than a day", AttemptEnd.Failed({ failure: patient }), circumstances({ ageHours: 24 * 30 }), Verdict.Postpone({ after: Duration.seconds(30), reason })],
    ["a pause longer than that patience, too", AttemptEnd.Failed({ failure: patient }), circumstances({ ageHours: 24 * 33 }), Verdict.Fail({ reason: `put off for longer than 32d; last: ${reason}` })],
    ["what will not get better", failed(hiccups.permanent), circumstances(), Verdict.Fail({ reason })]
  ])("on %s", (_, end, around, verdict) => {
    assert.deepStrictEqual(decideVerdict(end, around), verdict)
  })

  it.prop("never gives a job more attempts than it has, and never fewer", [AnyEnd, count, count, hours], ([kind, number, maxAttempts, ageHours]) => {
    const verdict = decideVerdict(endOf(kind), circumstances({ number, maxAttempts, ageHours }))
    if (verdict._tag === "Retry") assert.isBelow(number, maxAttempts)
    if (kind === "transient") assert.strictEqual(verdict._tag, number < maxAttempts ? "Retry" : "Fail")
  })

  it.prop("never puts off a job that is too old, and always one that is not", [AnyEnd, count, hours], ([kind, number, ageHours]) => {
    const verdict = decideVerdict(endOf(kind), circumstances({ number, ageHours }))
    assert.strictEqual(verdict._tag === "Postpone", (kind === "wait" || kind === "busy") && ageHours <= 24)
  })

  it.prop("fails what will not get better, whatever the circumstances", [count, count, hours], ([number, maxAttempts, ageHours]) => {
    const verdict = decideVerdict(failed(new Hiccup({ retry: Retry.Permanent() })), circumstances({ number, maxAttempts, ageHours }))
    assert.deepStrictEqual(verdict, Verdict.Fail({ reason }))
  })

  it.prop("on success or nothing to do completes the job, whatever the circumstances", [Schema.Literals(["success", "skip"]), count, hours], ([kind, number, ageHours]) => {
    assert.strictEqual(decideVerdict(endOf(kind), circumstances({ number, ageHours }))._tag, "Complete")
  })
})
