import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Predicate, Result } from "effect"
import { answerSchema, decodeAnswer } from "../../../layers/openai/extractionAnswer.ts"
import { unknownFields } from "../../../src/domain/InvoiceFields.ts"

const empty = { ...unknownFields }

/** Every object schema inside, wherever it stands. */
const objectsIn = (schema: unknown): ReadonlyArray<Record<string, unknown>> => {
  if (Array.isArray(schema)) return schema.flatMap((part) => objectsIn(part))
  if (!Predicate.isObject(schema)) return []
  const here = "type" in schema && schema.type === "object" ? [{ ...schema }] : []
  return [...here, ...Object.values(schema).flatMap((part) => objectsIn(part))]
}

describe("the schema that the answer is held to", () => {
  it("is strict throughout: every key required, no other allowed", () => {
    const objects = objectsIn(answerSchema)
    assert.strictEqual(objects.length, 3)
    for (const object of objects) {
      assert.strictEqual(object["additionalProperties"], false)
      assert.sameMembers(Predicate.isObject(object["properties"]) ? Object.keys(object["properties"]) : [], Array.isArray(object["required"]) ? object["required"] : [])
    }
  })

  it("asks for every field of an invoice, with a word on each, and lets it be unknown", () => {
    const properties = Predicate.isObject(answerSchema["properties"]) ? answerSchema["properties"] : {}
    assert.sameMembers(Object.keys(properties), Object.keys(unknownFields))
    for (const [name, property] of Object.entries(properties)) {
      assert.isTrue(Predicate.isObject(property) && "description" in property, name)
      const list = name === "vatLines" || name === "lineItems"
      assert.include(JSON.stringify(property), list ? `"type":"array"` : `{"type":"null"}`, name)
    }
  })
})

describe("an answer", () => {
  it("of nothing known is the unknown invoice", () => {
    assert.deepStrictEqual(Result.getOrNull(decodeAnswer(JSON.stringify(empty))), unknownFields)
  })

  it("gives decimals that are exact", () => {
    const fields = Result.getOrThrow(decodeAnswer(JSON.stringify({ ...empty, amountTTC: "-1234567.10", vatLines: [{ rate: "5.5", base: null, amount: "0.07" }] })))
    assert.isTrue(fields.amountTTC !== null && BigDecimal.equals(fields.amountTTC, BigDecimal.fromStringUnsafe("-1234567.1")))
    assert.strictEqual(BigDecimal.format(fields.vatLines[0]?.amount ?? BigDecimal.fromStringUnsafe("0")), "0.07")
  })

  it("may write nothing as an empty text, and numbers in groups", () => {
    const answer = { ...empty, supplierName: "  ", invoiceNumber: " F-12 ", iban: "fr76 3000 6000 0112", supplierSiret: "732 829 320 00074" }
    assert.deepInclude(Result.getOrThrow(decodeAnswer(JSON.stringify(answer))), {
      supplierName: null,
      invoiceNumber: "F-12",
      iban: "FR76300060000112",
      supplierSiret: "73282932000074"
    })
  })

  const { iban: _, ...incomplete } = empty
  it.each([
    ["no JSON", "Voici la facture :"],
    ["cut JSON", JSON.stringify(empty).slice(0, -20)],
    ["a missing key", JSON.stringify(incomplete)],
    ["an amount as a number", JSON.stringify({ ...empty, amountHT: 12.5 })],
    ["an amount as printed", JSON.stringify({ ...empty, amountHT: "1 234,56" })],
    ["an amount with an exponent", JSON.stringify({ ...empty, amountHT: "1e99" })],
    ["a date that does not exist", JSON.stringify({ ...empty, invoiceDate: "2026-02-30" })],
    ["a currency that is none", JSON.stringify({ ...empty, currency: "euros" })],
    ["a kind of document that nobody asked for", JSON.stringify({ ...empty, documentType: "poem" })],
    ["a list instead of an object", "[]"]
  ])("with %s is off the schema", (_name, content) => {
    assert.isTrue(Result.isFailure(decodeAnswer(content)))
  })
})
