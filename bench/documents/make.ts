import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { PDFDocument } from "@cantoo/pdf-lib"
import { cii } from "../../test/support/samples/cii.ts"
import { pdfWithXml } from "../../test/support/samples/facturX.ts"
import { photoExposure, photograph, scan, scanExposure } from "./camera.ts"
import { dice, type Dice } from "./Dice.ts"
import { type Pixels, sheetsToPdf, sheetToPixels } from "./drawing.ts"
import { layOut } from "./layout/layOut.ts"
import { inventPaper } from "./Paper.ts"
import { inventReceipt } from "./receipt.ts"
import { sheetHeight, sheetWidth } from "./Sheet.ts"
import { truthOf } from "./truthOf.ts"

/**
 * Documents of nobody's with their truth, as `npm run accuracy` reads them:
 *
 *     npm run documents -- DIR [--seed 1] [--count 40] [--set scan]
 *
 * `count` for each set; the same seed gives the same documents.
 */
const { positionals: [folder], values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "40" }, set: { type: "string" } }
})

interface Made {
  readonly bytes: Uint8Array
  readonly ending: string
  readonly truth: object
}

const invoicePaper = (random: Dice) => {
  const paper = inventPaper(random)
  const laidOut = layOut(random, paper)
  return { paper, laidOut, lang: paper.language.code }
}

/** A picture on each page, as copiers send them. */
const scannedPdf = async (pictures: ReadonlyArray<Uint8Array>): Promise<Uint8Array> => {
  const document = await PDFDocument.create({ updateMetadata: false })
  for (const bytes of pictures) {
    document.addPage([sheetWidth, sheetHeight]).drawImage(await document.embedJpg(bytes), { x: 0, y: 0, width: sheetWidth, height: sheetHeight })
  }
  return document.save()
}

const makers: Readonly<Record<string, (random: Dice) => Promise<Made>>> = {
  "e-invoice": async (random) => {
    let made = invoicePaper(random)
    // The XML of the samples is that of ordinary invoices in euros.
    while (made.paper.kind !== "invoice" || made.paper.regime !== "ordinary" || made.paper.country.currency !== "EUR" || made.paper.deposit !== null) made = invoicePaper(random)
    const { lang, laidOut, paper } = made
    const bytes = await pdfWithXml(sheetsToPdf(laidOut.sheets, laidOut.look.family), paper.invoice, cii(paper.invoice))
    return { bytes, ending: "pdf", truth: { lang, fields: { ...truthOf(paper, laidOut).fields, dueDate: paper.invoice.dueDate, iban: paper.invoice.supplier.iban } } }
  },
  "pdf-text": async (random) => {
    const { lang, laidOut, paper } = invoicePaper(random)
    return { bytes: sheetsToPdf(laidOut.sheets, laidOut.look.family), ending: "pdf", truth: { lang, ...truthOf(paper, laidOut) } }
  },
  scan: async (random) => {
    const { lang, laidOut, paper } = invoicePaper(random)
    const dpi = random.pick([150, 150, 200, 200, 300])
    const pictures: Array<Uint8Array> = []
    for (const sheet of laidOut.sheets) pictures.push(await scan(sheetToPixels(sheet, laidOut.look.family, dpi), random, scanExposure(random)))
    const [only] = pictures
    return only !== undefined && pictures.length === 1 && random.chance(0.8)
      ? { bytes: only, ending: "jpg", truth: { lang, ...truthOf(paper, laidOut) } }
      : { bytes: await scannedPdf(pictures), ending: "pdf", truth: { lang, ...truthOf(paper, laidOut) } }
  },
  photo: async (random) => {
    let made = invoicePaper(random)
    while (made.laidOut.sheets.length > 1) made = invoicePaper(random)
    const { lang, laidOut: { look, sheets, shows }, paper } = made
    const pixels: Pixels = sheets[0] === undefined ? sheetToPixels({ texts: [], boxes: [] }, look.family, 72) : sheetToPixels(sheets[0], look.family, random.int(160, 240))
    return { bytes: await photograph(pixels, random, photoExposure(random)), ending: "jpg", truth: { lang, ...truthOf(paper, { look, sheets, shows }) } }
  },
  receipt: async (random) => {
    const { label, lang, sheet, size } = inventReceipt(random)
    const pixels = sheetToPixels(sheet, random.pick(["Mono", "Mono", "Condensed", "Arimo"]), random.int(150, 260), size)
    const exposure = random.chance(0.7) ? scanExposure(random) : photoExposure(random)
    return { bytes: await (exposure.shadow > 0.2 ? photograph : scan)(pixels, random, exposure), ending: "jpg", truth: { lang, label } }
  }
}

const main = async (folder: string): Promise<void> => {
  const lines: Array<string> = []
  for (const [set, make] of Object.entries(makers)) {
    if (values.set !== undefined && values.set !== set) continue
    await mkdir(join(folder, set), { recursive: true })
    for (let index = 0; index < Number(values.count); index++) {
      // Every document has chance of its own: more of them leave the first ones as they were.
      const { bytes, ending, truth } = await make(dice(Number(values.seed) * 1_000_003 + index * 97 + set.length * 7919))
      const file = `${set}/made-${values.seed}-${String(index).padStart(3, "0")}.${ending}`
      await writeFile(join(folder, file), bytes)
      lines.push(JSON.stringify({ file, set, ...truth, from: `made up, seed ${values.seed}` }))
    }
  }
  await writeFile(join(folder, "truth.jsonl"), `${lines.join("\n")}\n`)
  process.stdout.write(`${lines.length} documents in ${folder}\n`)
}

if (folder === undefined) {
  process.stderr.write("usage: node bench/documents/make.ts DIR [--seed N] [--count N] [--set NAME]\n")
  process.exitCode = 2
} else {
  await main(folder)
}
