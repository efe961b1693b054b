import { assert, describe, it } from "@effect/vitest"
import { lostOf } from "../../../layers/bullmq/jobAttempt.ts"

describe("who lost a job", () => {
  it("is nobody where it was never lost", () => assert.isNull(lostOf({ stalledCounter: 0 }, "a-process 0")))
  it("is who took it last, where it was lost since", () => assert.deepStrictEqual(lostOf({ stalledCounter: 3 }, "a-process 2"), { by: "a-process" }))
  it("is nobody since it was last taken", () => assert.deepStrictEqual(lostOf({ stalledCounter: 2 }, "a-process 2"), { by: null }))
  it("is not known where somebody else's worker had it", () => {
    for (const formerly of ["", "their worker", "3"]) assert.deepStrictEqual(lostOf({ stalledCounter: 1 }, formerly), { by: null })
  })
})
