import type { Dice } from "../Dice.ts"
import type { Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { frame, paint, type Sheet, write } from "../Sheet.ts"

interface Entry {
  readonly label: string
  readonly value: string
}

/** Number, date and due date among others that only look like them. */
const entriesOf = (dice: Dice, paper: Paper, look: Look): { readonly entries: ReadonlyArray<Entry>; readonly hasDue: boolean } => {
  const { invoice, kind, language } = paper
  const hasDue = kind === "invoice" && dice.chance(0.7)
  const own: ReadonlyArray<Entry> = [
    ...(look.numberInTitle ? [] : [{ label: dice.pick(kind === "credit-note" ? language.creditNumber : language.number), value: invoice.number }]),
    { label: dice.pick(language.date), value: look.date(invoice.date) }
  ]
  const others: ReadonlyArray<Entry> = [
    ...(hasDue ? [{ label: dice.pick(language.due), value: look.date(invoice.dueDate) }] : []),
    ...(dice.chance(0.6) ? [{ label: dice.pick(language.customerNumber), value: paper.customerNumber }] : []),
    ...(dice.chance(0.4) ? [{ label: dice.pick(language.orderNumber), value: paper.orderNumber }] : []),
    ...(dice.chance(0.25) ? [{ label: dice.pick(language.quoteNumber), value: paper.quoteNumber }] : []),
    ...(dice.chance(0.3) ? [{ label: dice.pick(language.deliveryDate), value: look.date(invoice.deliveryDate) }] : [])
  ]
  return { entries: dice.chance(0.65) ? [...own, ...dice.shuffle(others)] : dice.shuffle([...own, ...others]), hasDue }
}

/** Title, number and dates. Returns where the table may begin, and whether the due date stands here. */
export const drawMeta = (
  sheet: Sheet,
  dice: Dice,
  paper: Paper,
  look: Look,
  room: { readonly bottom: number; readonly metaX: number; readonly metaY: number }
): { readonly bottom: number; readonly hasDue: boolean } => {
  const { invoice, kind, language } = paper
  const { entries, hasDue } = entriesOf(dice, paper, look)
  const word = dice.pick(kind === "credit-note" ? language.creditNote : language.invoice)
  const title = look.numberInTitle ? `${word} ${dice.pick(["", "", language.code === "en" ? "No. " : language.code === "de" ? "Nr. " : "n° "])}${invoice.number}` : word
  const isWide = look.meta === "table" || look.meta === "stacked"
  const titleY = isWide ? room.bottom + 26 : room.metaY
  const titleX = isWide ? look.left : room.metaX
  write(sheet, title, titleX, titleY, { size: title.length > 22 ? 12 : dice.int(13, 18), bold: dice.chance(0.8), color: look.accent })
  const top = titleY + 20
  if (isWide) {
    const shown = entries.slice(0, 5)
    const rest = entries.slice(5)
    const width = (look.right - look.left) / Math.max(3, shown.length)
    if (look.meta === "table") {
      paint(sheet, look.left, top - 10, look.right - look.left, 14, look.pale)
      frame(sheet, look.left, top - 10, look.right - look.left, 30, "#999999")
    }
    shown.forEach(({ label, value }, index) => {
      write(sheet, label, look.left + 4 + index * width, top, { size: look.size - 1.2, bold: look.meta === "table", color: "#444444" })
      write(sheet, value, look.left + 4 + index * width, top + 14, { size: look.size })
    })
    rest.forEach(({ label, value }, index) => write(sheet, `${label}${look.colon} ${value}`, look.left, top + 34 + index * look.step, { size: look.size }))
    return { bottom: top + 30 + rest.length * look.step, hasDue }
  }
  entries.forEach(({ label, value }, index) => {
    const y = top + index * look.step
    if (look.meta === "inline") write(sheet, `${label}${look.colon} ${value}`, room.metaX, y, { size: look.size })
    else {
      write(sheet, `${label}${look.colon}`, room.metaX, y, { size: look.size, color: "#444444" })
      write(sheet, value, room.metaX + 125, y, { size: look.size, bold: index === 0 })
    }
  })
  return { bottom: Math.max(room.bottom, top + entries.length * look.step), hasDue }
}
