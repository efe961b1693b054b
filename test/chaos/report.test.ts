import { assert, describe, it } from "@effect/vitest"
import { exitStatusOf, failures, lineOf, markdownTable, textTable } from "../../chaos/report.ts"
import type { Result } from "../../chaos/runScenario.ts"

const result = (change: Partial<Result> = {}): Result => ({
  name: "kill -9 of a replica",
  backend: "redis",
  jobs: 23,
  lost: 0,
  doubled: 0,
  recoveries: [{ what: "its jobs start", seconds: 11.84, limit: 15 }, { what: "it ends", seconds: 0.2, limit: 5 }],
  paid: { recognition: 14, extraction: 20, repeated: 5 },
  violations: [],
  seconds: 17,
  folder: "/logs/kill",
  ...change
})
const broken = result({
  name: "FLUSHALL under load",
  lost: 2,
  recoveries: [{ what: "what waited is started", seconds: null, limit: 60 }],
  violations: ["lost: one", "lost: two"]
})

describe("the report", () => {
  it("shows the time that came nearest to its limit, and a verdict", () => {
    assert.include(markdownTable([result()]), "| kill -9 of a replica | redis | 23 | 0 | 0 | 11.8 (≤ 15) | 34 (5) | holds |")
    assert.include(markdownTable([broken]), "| never (≤ 60) | 34 (5) | FAILS |")
    assert.match(textTable([result(), broken]), /^FLUSHALL under load +redis +23 +2 +0 +never/m)
  })

  it("tells what went wrong and where the logs are, and marks a time that was missed", () => {
    assert.strictEqual(failures([result(), broken]), "FLUSHALL under load, redis:\n  lost: one\n  lost: two\n  logs: /logs/kill")
    assert.include(lineOf(broken), "! what waited is started: never")
  })

  it("ends with 1 on any violation, and when nothing was run", () => {
    assert.strictEqual(exitStatusOf([result()]), 0)
    assert.strictEqual(exitStatusOf([result(), broken]), 1)
    assert.strictEqual(exitStatusOf([]), 1)
  })
})
