import { describe, expect, it } from "vitest"
import { CalendarDate } from "../../../src/domain/CalendarDate.ts"
import type { Page } from "../../../src/domain/Page.ts"
import { extractByRules, extraction } from "../../../src/reading/rules.ts"
import { atOnce, type Steps } from "../../../src/reading/turns.ts"
import { verification } from "../../../src/reading/verify.ts"
import { nastyDocuments } from "./nastyDocuments.ts"
import { pageOf } from "./pageOf.ts"

/** Pages full of one kind of text, `columns` words to a line. */
const pagesOf = (count: number, words: number, columns: number, text: (index: number) => string): ReadonlyArray<Page> =>
  Array.from({ length: count }, (_, page) => ({
    number: page + 1,
    width: 595,
    height: 842,
    words: Array.from({ length: words }, (_, index) => {
      const width = 540 / columns
      const [x, y] = [30 + (index % columns) * width, 20 + Math.floor(index / columns) * 7]
      return { text: text(index), confidence: 1, box: { x0: x, y0: y, x1: x + width * 0.8, y1: y + 6 } }
    })
  }))

/** The longest that one step kept a processor busy, in milliseconds. */
const longestStep = <A>(steps: Steps<A>): { readonly value: A; readonly longest: number } => {
  let longest = 0
  for (;;) {
    const before = process.cpuUsage()
    const step = steps.next()
    const { system, user } = process.cpuUsage(before)
    longest = Math.max(longest, (system + user) / 1000)
    if (step.done === true) return { value: step.value, longest }
  }
}

const hostile: Readonly<Record<string, ReadonlyArray<Page>>> = {
  "100 pages of amounts": pagesOf(100, 1500, 10, (index) => `${(index * 37) % 9000},${String(index % 100).padStart(2, "0")}`),
  "100 pages of dates": pagesOf(100, 1500, 10, (index) => `${String(index % 28 + 1).padStart(2, "0")}/0${index % 9 + 1}/2024`),
  "100 pages of labels": pagesOf(100, 1500, 10, (index) => ["Total", "TTC", "HT", "TVA", "Facture", "n°", "Date"][index % 7] ?? ""),
  "100 pages of totals": pagesOf(100, 1500, 4, (index) => index % 2 === 0 ? "Total TTC" : `${index},00`),
  "a word of a million letters": pagesOf(1, 1, 1, () => "a".repeat(1_000_000)),
  "a number of a million digits": pagesOf(1, 20, 1, () => "1.".repeat(500_000))
}

describe("however much a document says, other work has its turn", () => {
  for (const [name, pages] of Object.entries(hostile)) {
    it(`${name}`, () => {
      const { longest: reading, value: fields } = longestStep(extraction(pages))
      const { longest: proving } = longestStep(verification({ source: "pdf-text", fields, pages, today: CalendarDate.make("2026-11-25") }))
      // Half of the 50 ms that nothing may hold up, on a free core; machines that run tests are not free.
      expect(Math.max(reading, proving)).toBeLessThan(100)
    })
  }
})

it("reads the same in steps and at once", () => {
  for (const { text } of nastyDocuments) {
    expect(atOnce(extraction([pageOf(text)]))).toEqual(extractByRules([pageOf(text)]))
  }
})

it("reads a document whose last page has the totals, after many that say nothing of them", () => {
  const [first, last] = [pageOf("Plâtrerie Exemple SARL\nFacture n° FA-17\nDate : 09/03/2026"), pageOf("Total HT    100,00 €\nTVA 20 %    20,00 €\nTotal TTC    120,00 €")]
  const fields = extractByRules([first, ...pagesOf(20, 1500, 10, () => "texte").map((page) => ({ ...page, number: page.number + 1 })), { ...last, number: 22 }])
  expect(fields).toMatchObject({ invoiceNumber: "FA-17", invoiceDate: "2026-03-09" })
  expect(String(fields.amountTTC)).toContain("120")
})
