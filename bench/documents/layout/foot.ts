import { groupedByFour } from "../../../test/support/samples/frenchText.ts"
import type { Dice } from "../Dice.ts"
import type { Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { paint, type Sheet, write, writeLines } from "../Sheet.ts"
import { companyNumbers } from "./head.ts"

/** Terms, bank and small print. Says whether the IBAN and the due date stand here. */
export const drawFoot = (sheet: Sheet, dice: Dice, paper: Paper, look: Look, top: number): { readonly showsIban: boolean; readonly showsDue: boolean } => {
  const { invoice, language, regime } = paper
  const { supplier } = invoice
  const showsIban = dice.chance(0.75)
  const showsDue = paper.kind === "invoice" && dice.chance(0.25)
  const iban = dice.chance(0.8) ? groupedByFour(supplier.iban) : supplier.iban
  const body = [
    ...(regime === "ordinary" ? [] : [dice.pick(regime === "exempt" ? language.exempt : language.reverseCharge)]),
    dice.pick(language.terms),
    ...(showsDue ? [`${dice.pick(language.due)} ${look.date(invoice.dueDate)}`] : []),
    ...(showsIban ? [`IBAN${look.colon} ${iban}`] : []),
    ...(dice.chance(0.4) ? [`BIC${look.colon} TESTXX2A${dice.digits(3)}`] : [])
  ]
  writeLines(sheet, body, look.left, Math.min(top + 26, 690), look.step, { size: look.size })
  const small = [
    ...dice.shuffle(language.footnotes).slice(0, dice.int(0, 2)),
    ...(look.idsAtFoot || look.head === "window"
      ? [`${supplier.name}${dice.pick([" - ", " · ", ", "])}${supplier.street}, ${supplier.postcode} ${supplier.city}`, companyNumbers(dice, paper, supplier).join(dice.pick([" - ", " · "]))]
      : [])
  ]
  if (dice.chance(0.5)) paint(sheet, look.left, 768, look.right - look.left, 0.6, "#999999")
  const centred = dice.chance(0.6)
  writeLines(sheet, small, centred ? 297 : look.left, 780, 10.5, { size: 7.2, color: "#555555", align: centred ? "center" : "left" })
  return { showsIban, showsDue }
}

export const drawPageNumbers = (sheets: ReadonlyArray<Sheet>, dice: Dice, paper: Paper, look: Look): void => {
  if (sheets.length === 1 && dice.chance(0.7)) return
  const text = dice.pick(paper.language.page)
  sheets.forEach((sheet, index) => write(sheet, text.replace("{1}", String(index + 1)).replace("{2}", String(sheets.length)), look.right, 828, { size: 7.5, align: "right" }))
}
