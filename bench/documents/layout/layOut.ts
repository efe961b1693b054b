import type { Dice } from "../Dice.ts"
import { inventLook, type Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { emptySheet, type Sheet, write } from "../Sheet.ts"
import { drawFoot, drawPageNumbers } from "./foot.ts"
import { drawHead } from "./head.ts"
import { drawMeta } from "./meta.ts"
import { drawTable } from "./table.ts"
import { drawTotals } from "./totals.ts"

export interface LaidOut {
  readonly sheets: ReadonlyArray<Sheet>
  readonly look: Look
  /** What can be read on the pages, of that which need not be printed. */
  readonly shows: { readonly net: boolean; readonly vat: boolean; readonly due: boolean; readonly iban: boolean }
}

/** One of very many ways to print a paper. */
export const layOut = (dice: Dice, paper: Paper): LaidOut => {
  const look = inventLook(dice, paper)
  const first = emptySheet()
  const { bottom: underMeta, hasDue } = drawMeta(first, dice, paper, look, drawHead(first, dice, paper, look))
  const hasSite = dice.chance(0.3)
  if (hasSite) write(first, `${dice.pick(paper.language.site)}${look.colon} ${paper.invoice.site}`, look.left, underMeta + 14, { size: look.size })
  const { bottom: underTable, sheets } = drawTable(first, dice, paper, look, underMeta + (hasSite ? 30 : 16))
  const last = sheets.at(-1) ?? first
  const { bottom, showsNet, showsVat } = drawTotals(last, dice, paper, look, underTable + dice.int(0, 40))
  const { showsDue, showsIban } = drawFoot(last, dice, paper, look, bottom)
  drawPageNumbers(sheets, dice, paper, look)
  return { sheets, look, shows: { net: showsNet, vat: showsVat, due: hasDue || showsDue, iban: showsIban } }
}
