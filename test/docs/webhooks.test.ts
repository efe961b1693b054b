import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { judgeStatus, outcomeInWords } from "../../src/domain/webhookOutcome.ts"

const page = readFileSync(new URL("../../docs/webhooks.md", import.meta.url), "utf8")
const statusesOf = (words: RegExp): ReadonlyArray<number> => {
  const row = page.split("\n").find((line) => line.startsWith("| ") && words.test(line)) ?? assert.fail(`no row says ${words}`)
  return [...(row.split("|")[1] ?? "").matchAll(/\b\d{3}\b/g)].map(([status]) => Number(status))
}
const all = Array.from({ length: 500 }, (_, index) => 100 + index)
const failing = (status: number) => {
  const outcome = judgeStatus(status)
  return outcome._tag === "Failed" ? outcome : null
}

describe("the table of what an answer means", () => {
  it("is the rule", () => {
    assert.deepStrictEqual(all.filter((status) => judgeStatus(status)._tag === "Delivered"), all.filter((status) => status >= 200 && status < 300))
    assert.deepStrictEqual(all.filter((status) => failing(status)?.disables), statusesOf(/switched off at once/))
    assert.deepStrictEqual(all.filter((status) => failing(status)?.final && status !== 410), statusesOf(/refused again/))
    assert.deepStrictEqual(all.filter((status) => failing(status)?.slowsEndpoint), statusesOf(/left alone/))
    for (const status of statusesOf(/any other/)) assert.isFalse(failing(status)?.final ?? true)
  })

  it("has a sentence for each failure", () => {
    for (const status of all.filter((status) => failing(status) !== null)) assert.match(outcomeInWords(`http-${status}`), new RegExp(`${status}`))
    assert.match(outcomeInWords("tls-failed"), /certificate/)
  })
})
