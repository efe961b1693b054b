import { groupedSiret } from "../../../test/support/samples/frenchText.ts"
import type { Firm } from "../../../test/support/samples/Invoice.ts"
import type { Dice } from "../Dice.ts"
import type { Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { paint, type Sheet, write, writeLines } from "../Sheet.ts"

/** The numbers by which authorities know a firm. */
export const companyNumbers = (dice: Dice, { language }: Paper, firm: Firm): ReadonlyArray<string> => [
  language.companyNumber(firm.siret === null ? dice.digits(8) : groupedSiret(firm.siret)),
  `${dice.pick(language.vatNumber)} : ${dice.chance(0.5) ? firm.vatNumber : firm.vatNumber.replace(/^([A-Z]{2})(\w{2})(\w{3})/, "$1 $2 $3 ")}`
]

const address = (firm: Firm): ReadonlyArray<string> => [firm.street, `${firm.postcode} ${firm.city}`]

const shown = (look: Look, name: string): string => look.isShouting ? name.toUpperCase() : name

/** A mark without words beside the name, on some stationery. */
const logo = (sheet: Sheet, dice: Dice, look: Look, x: number, y: number): void => {
  const size = dice.int(18, 34)
  paint(sheet, x, y, size, size, look.accent)
  paint(sheet, x + size * 0.3, y + size * 0.3, size * 0.7, size * 0.18, look.pale)
}

const supplierBlock = (sheet: Sheet, dice: Dice, paper: Paper, look: Look, x: number, y: number, align: "left" | "right" | "center"): number => {
  const { language, invoice: { supplier } } = paper
  const isLabelled = dice.chance(0.12)
  if (isLabelled) write(sheet, dice.pick(language.from), x, y - 14, { size: look.size - 1, color: "#666666", align })
  write(sheet, shown(look, supplier.name), x, y, { size: dice.pick([10, 12, 14, 17]), bold: dice.chance(0.8), color: look.accent, align })
  return writeLines(sheet, [
    ...(dice.chance(0.5) ? [supplier.trade] : []),
    ...address(supplier),
    ...(dice.chance(0.7) ? [`${dice.pick(language.phone)} ${supplier.phone}`] : []),
    ...(dice.chance(0.7) ? [supplier.email] : []),
    ...(look.idsAtFoot ? [] : companyNumbers(dice, paper, supplier))
  ], x, y + look.step + 2, look.step, { size: look.size, align })
}

const buyerBlock = (sheet: Sheet, dice: Dice, paper: Paper, look: Look, x: number, y: number): number => {
  const { language, invoice: { buyer } } = paper
  const isLabelled = dice.chance(0.7)
  if (isLabelled) write(sheet, `${dice.pick(language.billTo)}${look.colon}`, x, y, { size: look.size - 0.5, color: "#555555", bold: dice.chance(0.3) })
  write(sheet, buyer.name, x, y + look.step, { size: look.size + 0.5, bold: dice.chance(0.5) })
  return writeLines(sheet, [
    ...address(buyer),
    ...(dice.chance(0.3) ? [`${dice.pick(language.vatNumber)} ${buyer.vatNumber}`] : [])
  ], x, y + 2 * look.step, look.step, { size: look.size })
}

/** Supplier and buyer at the top of the first page; returns where the rest may begin, and where there is room beside. */
export const drawHead = (sheet: Sheet, dice: Dice, paper: Paper, look: Look): { readonly bottom: number; readonly metaX: number; readonly metaY: number } => {
  const { invoice: { supplier } } = paper
  const top = dice.int(46, 70)
  const middle = dice.int(310, 345)
  switch (look.head) {
    case "left": {
      if (dice.chance(0.4)) logo(sheet, dice, look, look.right - 60, top - 16)
      const under = supplierBlock(sheet, dice, paper, look, look.left, top, "left")
      const buyerY = Math.max(top + 70, dice.int(120, 150))
      const bottom = buyerBlock(sheet, dice, paper, look, middle, buyerY)
      return { bottom: Math.max(under, bottom), metaX: look.left, metaY: Math.max(under + 12, buyerY) }
    }
    case "right": {
      const under = supplierBlock(sheet, dice, paper, look, look.right, top, "right")
      const bottom = buyerBlock(sheet, dice, paper, look, look.left, dice.int(112, 140))
      return { bottom: Math.max(under, bottom), metaX: middle, metaY: under + 14 }
    }
    case "centre": {
      const under = supplierBlock(sheet, dice, paper, look, 297, top, "center")
      const bottom = buyerBlock(sheet, dice, paper, look, middle, under + 14)
      return { bottom: Math.max(under, bottom), metaX: look.left, metaY: under + 14 }
    }
    case "window": {
      logo(sheet, dice, look, look.right - 36, top - 22)
      write(sheet, shown(look, supplier.name), look.right - 44, top, { size: dice.int(14, 20), bold: true, color: look.accent, align: "right" })
      write(sheet, [supplier.name, supplier.street, `${supplier.postcode} ${supplier.city}`].join(dice.pick([" · ", " - ", ", "])), look.left, 128, { size: 6.8, color: "#555555" })
      const bottom = buyerBlock(sheet, dice, paper, look, look.left, 142)
      const under = writeLines(sheet, [...address(supplier), `${dice.pick(paper.language.phone)} ${supplier.phone}`, supplier.email], middle + 20, top + 24, look.step, { size: look.size })
      return { bottom: Math.max(under, bottom), metaX: middle + 20, metaY: under + 14 }
    }
  }
}
