import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { TestConsole } from "effect/testing"
import { monthRows, usage } from "../../../programs/cli/usage.ts"
import { PaidCalls } from "../../../src/services/PaidCalls.ts"
import { ownTables } from "../../support/invoiceTables.ts"
import { claimedInvoice, request } from "../../support/paidCalls.ts"

describe("the table of usage", () => {
  const row = {
    tenantId: "a", month: "2026-11", provider: "openai", model: "gpt-4.1-mini", region: "eu", answered: 2, failed: 1, uncertain: 1,
    pages: 0, inputTokens: 2_400, outputTokens: 600, cost: 1_920, reserved: 0, uncertainCost: 25_000
  }
  it("has a line for each tenant, provider and model, in dollars, and a sum below more than one", () => {
    assert.deepStrictEqual(monthRows([row])[1], ["a", "openai", "gpt-4.1-mini", "eu", "2", "1", "1", "0", "2400", "600", "0.0019", "0.0000", "0.0250"])
    const rows = monthRows([row, { ...row, tenantId: "b" }])
    assert.lengthOf(rows, 4)
    assert.deepStrictEqual(rows[3]?.slice(0, 8), ["all", "", "", "", "4", "2", "2", "0"])
    assert.strictEqual(rows[3]?.[10], "0.0038")
  })
})

const run = Command.runWith(usage, { version: "test" })

layer(ownTables, { excludeTestServices: true })("usage", (it) => {
  const said = (...args: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      yield* run(args)
      return (yield* TestConsole.logLines).map(String)
    }).pipe(Effect.provide([TestConsole.layer, NodeServices.layer]))

  it.effect("tells a month, one tenant or one invoice, for people and as JSON", () =>
    Effect.gen(function*() {
      const calls = yield* PaidCalls
      const claim = yield* claimedInvoice()
      const opening = yield* calls.begin(request(claim))
      assert.strictEqual(opening._tag, "Begun")
      if (opening._tag === "Begun") {
        yield* calls.answered(request(claim), opening.callId, { answer: "x", isGood: true, usage: { pages: 0, inputTokens: 1_200, outputTokens: 300 }, cost: 960 })
      }
      assert.match((yield* said("--tenant", claim.tenantId)).join("\n"), /tenant-\d+ +openai +gpt-4\.1-mini +any +1 +0 +0 +0 +1200 +300 +0\.0010/)
      const [line] = yield* said("--tenant", claim.tenantId, "--json")
      assert.deepInclude(JSON.parse(line ?? ""), { tenantId: claim.tenantId, answered: 1, cost: 960 })
      assert.match((yield* said("--month", "2020-01"))[0] ?? "", /no paid call was made in 2020-01/)
      assert.match((yield* said("--tenant", claim.tenantId, "--invoice", claim.invoiceId)).join("\n"), /extraction +openai[^]*answered/)
      assert.match((yield* said("--tenant", "nobody", "--invoice", claim.invoiceId))[0] ?? "", /no paid call/)
    }))
})
