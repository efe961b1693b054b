import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { shorten, table } from "../../../programs/cli/table.ts"

const cell = Schema.String.check(Schema.isPattern(/^[a-zé✓ ]{0,9}$/u))

describe("a table", () => {
  it("has columns as wide as their longest cell, and no blanks at the ends of lines", () => {
    assert.strictEqual(
      table([["file", "source", ""], ["facture.pdf", "ocr", "x"], ["é", "e-invoice", ""]]),
      ["  file         source", "  facture.pdf  ocr        x", "  é            e-invoice"].join("\n")
    )
  })

  it("counts characters as people do", () => {
    assert.strictEqual(table([["a", "b"], ["𝒳𝒴", "c"]]), "  a   b\n  𝒳𝒴  c")
  })

  it("may have rows that are short, or no rows at all", () => {
    assert.strictEqual(table([["a", "b"], ["1"]]), "  a  b\n  1")
    assert.strictEqual(table([]), "")
  })

  it.prop("begins each column at the same place in every row", [Schema.Array(Schema.Tuple([cell, cell]))], ([rows]) => {
    const lines = table([["head", "x"], ...rows]).split("\n")
    const widest = Math.max(4, ...rows.map(([first]) => first.length))
    assert.strictEqual(lines.length, rows.length + 1)
    rows.forEach(([first, second], index) => assert.strictEqual(lines[index + 1], `  ${first.padEnd(widest)}  ${second}`.trimEnd()))
  })
})

describe("a text that is shortened", () => {
  it.each([["abc", 3, "abc"], ["abcd", 3, "ab…"], ["", 3, ""], ["𝒳𝒴𝒵", 3, "𝒳𝒴𝒵"], ["𝒳𝒴𝒵𝒳", 3, "𝒳𝒴…"]])("%s to %d is %s", (text, most, short) => {
    assert.strictEqual(shorten(text, most), short)
  })
})
