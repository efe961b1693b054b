import { assert, describe, it } from "@effect/vitest"
import { judge } from "../../../../programs/cli/demo/judge.ts"
import type { Expectation } from "../../../../programs/cli/demo/samples.ts"
import { InvoiceId } from "../../../../src/domain/ids.ts"
import type { DemoInvoice } from "../../../../src/services/DemoApi.ts"

const processed: DemoInvoice = {
  id: InvoiceId.make("i1"),
  status: "processed",
  readingSource: "pdf-text",
  supplierName: "Plâtrerie Exemple",
  invoiceNumber: "FA-1",
  invoiceDate: "2026-03-09",
  dueDate: null,
  currency: "EUR",
  amountHT: "100.00",
  amountTVA: "20.00",
  amountTTC: "120.00",
  iban: null,
  confidence: 0.97,
  needsReview: false,
  errorCode: null,
  errorMessage: null
}
const damaged: DemoInvoice = { ...processed, status: "error", errorCode: "file-damaged", errorMessage: "The file is damaged." }
const expectsFields: Expectation = { file: "a.pdf", expected: "processed", fields: { invoiceNumber: "FA-1", amountTTC: "120.00", dueDate: null } }
const expectsError: Expectation = { file: "b.pdf", expected: "error", errorCode: "file-damaged" }

describe("a document of the demo ended as it should", () => {
  it.each<readonly [string, Expectation | null, DemoInvoice]>([
    ["a sample with the fields of its truth", expectsFields, processed],
    ["a damaged sample with its error", expectsError, damaged],
    ["a sample of which only the end is known", { file: "c.pdf", expected: "processed" }, processed],
    ["a given file that was read", null, processed]
  ])("%s", (_, expectation, invoice) => {
    assert.deepStrictEqual(judge(expectation, invoice), [])
  })
})

describe("a document of the demo ended otherwise", () => {
  it.each<readonly [string, Expectation | null, DemoInvoice, ReadonlyArray<string>]>([
    ["a wrong field and a missing one", expectsFields, { ...processed, amountTTC: "12.00", invoiceNumber: null }, ["invoiceNumber: null instead of FA-1", "amountTTC: 12.00 instead of 120.00"]],
    ["a field where there should be none", expectsFields, { ...processed, dueDate: "2026-04-01" }, ["dueDate: 2026-04-01 instead of null"]],
    ["an error", expectsFields, damaged, ["error instead of processed"]],
    ["another error", expectsError, { ...damaged, errorCode: "file-encrypted" }, ["file-encrypted instead of file-damaged"]],
    ["an error without a code", expectsError, { ...damaged, errorCode: null }, ["no code instead of file-damaged"]],
    ["success with a damaged file", expectsError, processed, ["processed instead of error"]],
    ["a sample that nobody took", expectsFields, { ...processed, status: "nouveau" }, ["nouveau instead of processed"]],
    ["a given file that could not be read", null, damaged, ["error instead of processed"]]
  ])("%s is told in words", (_, expectation, invoice, problems) => {
    assert.deepStrictEqual(judge(expectation, invoice), [...problems])
  })
})
