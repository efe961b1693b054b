import { mkdir, writeFile } from "node:fs/promises"
import { facturXPdf } from "./facturX.ts"
import { joineryInvoice, machineHireInvoice, plasterInvoice, roofingInvoice } from "./invoices.ts"
import { truth } from "./Invoice.ts"
import { pagePdf } from "./page.ts"
import { photoJpeg } from "./photo.ts"
import { ubl } from "./ubl.ts"

/** Writes the sample documents and what they say (`samples.json`) into `samples/`. The same bytes every time. */
const folder = new URL("../../../samples/", import.meta.url)

const textPdf = pagePdf(plasterInvoice, "#24506e")
const files = {
  "facture-texte.pdf": textPdf,
  "facture-facturx.pdf": await facturXPdf(joineryInvoice, "#6b4423"),
  "facture-photo.jpg": await photoJpeg(roofingInvoice, "#7a1f1f"),
  // Half of a file, as an interrupted upload leaves it.
  "facture-abimee.pdf": textPdf.subarray(0, Math.floor(textPdf.length / 2)),
  "facture-xrechnung.xml": new TextEncoder().encode(ubl(machineHireInvoice))
}

const truths = [
  { file: "facture-texte.pdf", expected: "processed", source: "pdf-text", fields: truth(plasterInvoice) },
  { file: "facture-facturx.pdf", expected: "processed", source: "e-invoice", fields: truth(joineryInvoice) },
  { file: "facture-photo.jpg", expected: "processed", source: "ocr", fields: truth(roofingInvoice) },
  { file: "facture-xrechnung.xml", expected: "processed", source: "e-invoice", fields: truth(machineHireInvoice) },
  { file: "facture-abimee.pdf", expected: "error", errorCode: "file-damaged" }
]

await mkdir(folder, { recursive: true })
for (const [name, bytes] of Object.entries(files)) await writeFile(new URL(name, folder), bytes)
await writeFile(new URL("samples.json", folder), `${JSON.stringify(truths, null, 2)}\n`)
