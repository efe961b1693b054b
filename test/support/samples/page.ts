import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createCanvas, GlobalFonts, PDFDocument } from "@napi-rs/canvas"
import { format } from "../../../src/domain/Money.ts"
import { euros, frenchAmount, frenchDate, frenchRate, groupedByFour, groupedSiret } from "./frenchText.ts"
import { type Invoice, lineAmount, totals, vatGroups } from "./Invoice.ts"

/** A4 in points. */
export const pageWidth = 595
export const pageHeight = 842

const left = 48
const right = pageWidth - 48

/** The fonts come with the project, so that a page looks the same on every machine. */
const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf")
GlobalFonts.registerFromPath(join(fonts, "DejaVuSansCondensed.ttf"), "Sample")
GlobalFonts.registerFromPath(join(fonts, "DejaVuSansCondensed-Bold.ttf"), "Sample Bold")

type Context = ReturnType<PDFDocument["beginPage"]>

interface TextStyle {
  readonly size?: number
  readonly bold?: boolean
  readonly color?: string
  readonly align?: "left" | "right" | "center"
}

const write = (context: Context, text: string, x: number, y: number, style: TextStyle = {}): void => {
  context.font = `${style.size ?? 9.5}px "${style.bold === true ? "Sample Bold" : "Sample"}"`
  context.fillStyle = style.color ?? "#222222"
  context.textAlign = style.align ?? "left"
  context.fillText(text, x, y)
}

const writeLines = (context: Context, texts: ReadonlyArray<string>, x: number, y: number, style?: TextStyle): void =>
  texts.forEach((text, index) => write(context, text, x, y + index * 13.5, style))

const rule = (context: Context, y: number, color: string, from = left): void => {
  context.fillStyle = color
  context.fillRect(from, y, right - from, 0.8)
}

const writeHead = (context: Context, invoice: Invoice, accent: string): void => {
  const { buyer, supplier } = invoice
  write(context, supplier.name, left, 62, { size: 16, bold: true, color: accent })
  writeLines(context, [
    supplier.trade,
    supplier.street,
    `${supplier.postcode} ${supplier.city}`,
    `Tél. ${supplier.phone}`,
    supplier.email,
    ...(supplier.siret === null ? [] : [`SIRET : ${groupedSiret(supplier.siret)}`]),
    `N° TVA : ${supplier.vatNumber}`
  ], left, 80)

  write(context, "FACTURE", right, 64, { size: 22, bold: true, color: accent, align: "right" })
  writeLines(context, [
    `Facture n° : ${invoice.number}`,
    `Date de facture : ${frenchDate(invoice.date)}`,
    `Date d'échéance : ${frenchDate(invoice.dueDate)}`
  ], right, 86, { align: "right", size: 10 })

  context.fillStyle = "#f1f1ee"
  context.fillRect(318, 140, right - 318, 86)
  write(context, "Facturé à", 330, 156, { size: 8.5, color: "#555555" })
  write(context, buyer.name, 330, 171, { size: 10.5, bold: true })
  writeLines(context, [buyer.street, `${buyer.postcode} ${buyer.city}`, `N° TVA : ${buyer.vatNumber}`], 330, 185)
  write(context, `Chantier : ${invoice.site}`, left, 246)
}

const writeTable = (context: Context, invoice: Invoice, accent: string): number => {
  const columns = { quantity: 335, unit: 345, unitPrice: 428, rate: 470, amount: right - 6 }
  context.fillStyle = accent
  context.fillRect(left, 258, right - left, 22)
  const heading = { bold: true, color: "#ffffff", size: 9 }
  write(context, "Désignation", left + 6, 273, heading)
  write(context, "Qté", columns.quantity, 273, { ...heading, align: "right" })
  write(context, "Unité", columns.unit, 273, heading)
  write(context, "P.U. HT", columns.unitPrice, 273, { ...heading, align: "right" })
  write(context, "TVA", columns.rate, 273, { ...heading, align: "right" })
  write(context, "Montant HT", columns.amount, 273, { ...heading, align: "right" })
  invoice.lines.forEach((line, index) => {
    const y = 298 + index * 24
    write(context, line.description, left + 6, y)
    write(context, frenchAmount(line.quantity), columns.quantity, y, { align: "right" })
    write(context, line.unit, columns.unit, y)
    write(context, frenchAmount(line.unitPrice), columns.unitPrice, y, { align: "right" })
    write(context, frenchRate(line.vatRate), columns.rate, y, { align: "right" })
    write(context, frenchAmount(lineAmount(line)), columns.amount, y, { align: "right" })
    rule(context, y + 8, "#cccccc")
  })
  return 298 + invoice.lines.length * 24
}

const writeTotals = (context: Context, invoice: Invoice, top: number, accent: string): void => {
  const { ht, ttc } = totals(invoice)
  const label = 330
  const amount = right - 6
  const rows = [
    ["Total HT", euros(ht)],
    ...vatGroups(invoice).map((group) => [`TVA ${frenchRate(group.rate)} sur ${euros(group.base)}`, euros(group.amount)]),
    ["Total TVA", euros(totals(invoice).tva)]
  ]
  rows.forEach(([name = "", value = ""], index) => {
    write(context, name, label, top + 20 + index * 18, { size: 10 })
    write(context, value, amount, top + 20 + index * 18, { size: 10, align: "right" })
  })
  const y = top + 22 + rows.length * 18
  rule(context, y - 12, accent, label)
  write(context, "Total TTC", label, y + 6, { size: 12, bold: true, color: accent })
  write(context, euros(ttc), amount, y + 6, { size: 12, bold: true, color: accent, align: "right" })
}

const writeFoot = (context: Context, invoice: Invoice): void => {
  const { supplier } = invoice
  write(context, "Règlement par virement", left, 632, { bold: true, size: 10 })
  writeLines(context, [
    `IBAN : ${groupedByFour(supplier.iban)}`,
    "Banque de l'Exemple – BIC : EXEMFR2XXXX",
    `À régler avant le ${frenchDate(invoice.dueDate)}, référence ${invoice.number}`
  ], left, 649, { size: 10 })
  rule(context, 742, "#999999")
  writeLines(context, [
    "En cas de retard de paiement : pénalités au taux de 12 % l'an et indemnité forfaitaire de recouvrement de 40,00 €.",
    "Pas d'escompte pour paiement anticipé. Assurance décennale : Mutuelle Imaginaire, contrat n° 000-1234, France métropolitaine.",
    `${supplier.name} au capital de 8 000 € – ${supplier.street}, ${supplier.postcode} ${supplier.city}`
  ], pageWidth / 2, 757, { size: 7.5, color: "#555555", align: "center" })
}

/** Draws one A4 page, in points. `accent` is the colour of the firm's stationery. */
const drawPage = (context: Context, invoice: Invoice, accent: string): void => {
  context.fillStyle = "#ffffff"
  context.fillRect(0, 0, pageWidth, pageHeight)
  writeHead(context, invoice, accent)
  writeTotals(context, invoice, writeTable(context, invoice, accent), accent)
  writeFoot(context, invoice)
}

/** An A4 page with a text layer; the glyphs that are used are embedded. The same bytes every time. */
export const pagePdf = (invoice: Invoice, accent: string): Uint8Array => {
  const document = new PDFDocument({
    title: `Facture ${invoice.number}`,
    author: invoice.supplier.name,
    subject: `${format(totals(invoice).ttc)} EUR`
  })
  drawPage(document.beginPage(pageWidth, pageHeight), invoice, accent)
  document.endPage()
  return new Uint8Array(document.close())
}

/** The same page as pixels: `width` wide, RGBA. */
export const pagePixels = (invoice: Invoice, accent: string, width: number) => {
  const scale = width / pageWidth
  const canvas = createCanvas(width, Math.round(pageHeight * scale))
  const context = canvas.getContext("2d")
  context.scale(scale, scale)
  drawPage(context, invoice, accent)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
