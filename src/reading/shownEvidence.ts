import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import { format } from "../domain/Money.ts"
import type { Box, Page } from "../domain/Page.ts"
import type { FieldEvidence } from "../domain/Reading.ts"
import type { Place } from "./evidence.ts"
import type { Grounds } from "./grounds.ts"
import { type Line, overlapX } from "./lines.ts"

const longestLabel = 60
/** How far above a value the heading of its column is looked for. */
const linesAbove = 3

const cut = (text: string): string | null => {
  const short = text.replace(/[\s:.·|=-]+$/, "").trim().slice(0, longestLabel).trim()
  return /\p{L}/u.test(short) ? short : null
}

const isAt = (line: Line, box: Box): boolean => {
  const middle = (box.y0 + box.y1) / 2
  return line.box.y0 <= middle && middle <= line.box.y1
}

/** The words that say what a value is: those before it on its line, else those over it. */
const labelAt = (lines: ReadonlyArray<Line>, { box, page }: Place): string | null => {
  const line = lines.find((each) => each.page === page && isAt(each, box))
  if (line === undefined) return null
  const before = line.cells.flatMap((cell) => {
    const words = cell.words.filter((word) => word.box.x1 <= box.x0 + 0.5)
    return words.length === 0 ? [] : [words.map((word) => word.text).join(" ")]
  })
  const beside = before.toReversed().map(cut).find((text) => text !== null)
  if (beside !== undefined) return beside
  for (const above of lines.slice(Math.max(0, line.index - linesAbove), line.index).toReversed()) {
    const over = above.page === page ? above.cells.find((cell) => overlapX(cell.box, box) > 0.3) : undefined
    const text = over === undefined ? null : cut(over.text)
    if (text !== null) return text
  }
  return null
}

const textOf = (fields: InvoiceFields, field: JudgedField): string | null => {
  switch (field) {
    case "amountHT":
    case "amountTVA":
    case "amountTTC": {
      const amount = fields[field]
      return amount === null ? null : format(amount)
    }
    default:
      return fields[field]
  }
}

const hundredths = (value: number): number => Math.round(value * 100) / 100

/** What is kept of a field beside its value: how sure it is and why, where it stands, and under which words. */
export const evidenceOf = (
  field: JudgedField,
  fields: InvoiceFields,
  found: { readonly confidence: number; readonly grounds: Grounds; readonly place: Place | undefined },
  lines: ReadonlyArray<Line>,
  pages: ReadonlyArray<Page>
): FieldEvidence => {
  const { confidence, grounds, place } = found
  const page = pages.find(({ number }) => number === place?.page)
  return {
    confidence,
    value: textOf(fields, field),
    page: place?.page ?? null,
    box: place?.box ?? null,
    pageSize: page === undefined ? null : { width: page.width, height: page.height },
    label: place === undefined || field === "supplierName" || field === "currency" ? null : labelAt(lines, place),
    checks: Object.fromEntries(Object.entries(grounds).map(([name, value]) => [name, hundredths(value)]))
  }
}
