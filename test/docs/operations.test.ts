import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { operationsTables, withOperationsTables } from "../../docs/operationsTables.ts"
import { attributes } from "../../src/observability/attributes.ts"
import { metrics } from "../../src/observability/metrics.ts"
import { isKnownSpan } from "../../src/observability/spans.ts"

const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8")

describe("the page for the night", () => {
  it("has the tables of spans, attributes and metrics that the program's lists give; `npm run docs` writes them", () => {
    expect(withOperationsTables(page)).toBe(page)
    for (const name of operationsTables) expect(page).toContain(`<!-- ${name}: end -->`)
    for (const { id } of Object.values(metrics)) expect(page).toContain(`\`${id}\``)
    for (const key of Object.values(attributes)) expect(page).toContain(`\`${key}\``)
  })

  it("knows spans by their names, whatever stands for the variable part", () => {
    expect(["process email-sync", "Invoices.claim", "http.client POST", "PaidStep.recognition"].filter((name) => !isKnownSpan(name))).toEqual([])
    expect(["process", "Invoices.", "Secret.step"].filter(isKnownSpan)).toEqual([])
  })
})
