import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { defaultFeatures, Features } from "../../../src/domain/Features.ts"

const decode = Schema.decodeUnknownOption(Features)

describe("a tenant's features", () => {
  it("have the product's defaults where a key is missing", () => {
    assert.deepStrictEqual({ ...defaultFeatures }, {
      projects: true,
      vehicles: true,
      zones: false,
      tasks: false,
      invoices: false,
      hoursOverview: true,
      emailSync: true,
      punchClock: false,
      approvalWorkflow: true,
      automations: true
    })
  })

  it("are what the tenant says, key by key; keys that are not known are left aside", () => {
    assert.deepStrictEqual(
      Option.getOrThrow(decode({ invoices: true, emailSync: false, moonPhases: { full: true } })),
      { ...defaultFeatures, invoices: true, emailSync: false }
    )
  })

  it.each([["yes"], [1], [null]])("are not guessed from %j", (value) => {
    assert.isTrue(Option.isNone(decode({ invoices: value })))
  })

  it.each([[null], ["{}"], [true]])("cannot be read from %j", (value) => {
    assert.isTrue(Option.isNone(decode(value)))
  })
})
