import { describe, expect, it } from "vitest"
import { troubleOf } from "../../../layers/bullmq/troubleOf.ts"

const replied = (message: string) => Object.assign(new Error(message), { name: "ReplyError" })
const coded = (code: string) => Object.assign(new Error("words"), { code })

describe("what a queue's server meant", () => {
  it.each([
    [replied("OOM command not allowed when used memory > 'maxmemory'."), "full"],
    [replied("OOM command not allowed when used memory > 'maxmemory'. script: 5a2, on @user_script:1."), "full"],
    [replied("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."), "full"],
    [coded("53100"), "full"],
    [replied("NOPERM this user has no permissions to run the 'evalsha' command"), "refused"],
    [replied("READONLY You can't write against a read only replica."), "refused"],
    [coded("42501"), "refused"],
    [replied("LOADING Redis is loading the dataset in memory"), "no-answer"],
    [coded("57P01"), "no-answer"],
    [coded("08006"), "no-answer"],
    [coded("ECONNREFUSED"), "no-answer"],
    [new Error("Connection is closed."), "no-answer"],
    ["anything else", "no-answer"]
  ])("by %s is told", (cause, kind) => {
    expect(troubleOf(cause)).toBe(kind)
  })
})
