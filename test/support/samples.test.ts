import { mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { PDFDocument } from "@cantoo/pdf-lib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createWorker, OEM, type Worker } from "tesseract.js"
import { extractText, getDocumentProxy } from "unpdf"
import { grainyImageWithoutText, imageWithoutText } from "./badFiles.ts"
import { facturXPdf } from "./samples/facturX.ts"
import { joineryInvoice, machineHireInvoice, plasterInvoice, roofingInvoice } from "./samples/invoices.ts"
import { frenchAmount, frenchDate, groupedByFour } from "./samples/frenchText.ts"
import { type Invoice, totals, truth } from "./samples/Invoice.ts"
import { pagePdf } from "./samples/page.ts"
import { ubl } from "./samples/ubl.ts"

const sample = async (name: string) => new Uint8Array(await readFile(new URL(`../../samples/${name}`, import.meta.url)))
const sampleText = async (name: string) => new TextDecoder().decode(await sample(name))

/** What a page must show, with spaces left out: recognition and text layers set them as they like. */
const shown = (invoice: Invoice): ReadonlyArray<string> => {
  const { ht, tva, ttc } = totals(invoice)
  return [
    invoice.supplier.name,
    `Facture n° : ${invoice.number}`,
    `Date de facture : ${frenchDate(invoice.date)}`,
    `Date d'échéance : ${frenchDate(invoice.dueDate)}`,
    `Total HT ${frenchAmount(ht)} €`,
    `Total TVA ${frenchAmount(tva)} €`,
    `Total TTC ${frenchAmount(ttc)} €`,
    `IBAN : ${groupedByFour(invoice.supplier.iban)}`
  ].map(withoutSpaces)
}
const withoutSpaces = (text: string): string => text.replace(/\s/g, "")

describe("the sample documents", () => {
  it("samples.json says what each of them contains", async () => {
    expect(JSON.parse(await sampleText("samples.json"))).toEqual([
      { file: "facture-texte.pdf", expected: "processed", source: "pdf-text", fields: truth(plasterInvoice) },
      { file: "facture-facturx.pdf", expected: "processed", source: "e-invoice", fields: truth(joineryInvoice) },
      { file: "facture-photo.jpg", expected: "processed", source: "ocr", fields: truth(roofingInvoice) },
      { file: "facture-xrechnung.xml", expected: "processed", source: "e-invoice", fields: truth(machineHireInvoice) },
      { file: "facture-abimee.pdf", expected: "error", errorCode: "file-damaged" }
    ])
  })

  it("are made the same way every time", async () => {
    expect(Buffer.compare(await facturXPdf(joineryInvoice, "#6b4423"), await facturXPdf(joineryInvoice, "#6b4423"))).toBe(0)
    expect(Buffer.compare(pagePdf(plasterInvoice, "#24506e"), pagePdf(plasterInvoice, "#24506e"))).toBe(0)
    expect(await sampleText("facture-xrechnung.xml")).toBe(ubl(machineHireInvoice))
  })

  it.each([["facture-texte.pdf", plasterInvoice], ["facture-facturx.pdf", joineryInvoice]] as const)(
    "%s has a text layer with everything in it, accents included",
    async (name, invoice) => {
      const { text } = await extractText(await getDocumentProxy(await sample(name)), { mergePages: true })
      for (const part of shown(invoice)) expect(withoutSpaces(text)).toContain(part)
    }
  )

  it("facture-facturx.pdf carries the XML and the metadata of Factur-X", async () => {
    const document = await getDocumentProxy(await sample("facture-facturx.pdf"))
    const xml = new TextDecoder().decode((await document.getAttachmentContent("factur-x.xml")) ?? undefined)
    expect(xml).toContain("<ram:ID>urn:cen.eu:en16931:2017</ram:ID>")
    expect(xml).toContain(`<ram:GrandTotalAmount>${truth(joineryInvoice).amountTTC}</ram:GrandTotalAmount>`)
    expect(await sampleText("facture-facturx.pdf")).toContain("<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>")
    const attachments = (await PDFDocument.load(await sample("facture-facturx.pdf"))).getAttachments()
    expect(attachments).toMatchObject([{ name: "factur-x.xml", mimeType: "text/xml", afRelationship: "Alternative" }])
  })

  it("facture-abimee.pdf cannot be opened", async () => {
    await expect(getDocumentProxy(await sample("facture-abimee.pdf"), { verbosity: 0 }))
      .rejects.toMatchObject({ name: "InvalidPDFException" })
  })
})

describe("the invented numbers", () => {
  const luhn = (digits: string) =>
    [...digits].toReversed().reduce((sum, digit, index) => {
      const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2)
      return sum + Math.floor(doubled / 10) + (doubled % 10)
    }, 0) % 10
  const mod97 = (iban: string) =>
    BigInt(`${iban.slice(4)}${iban.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))) % 97n

  it.each([plasterInvoice, joineryInvoice, roofingInvoice].map(({ supplier }) => [supplier.name, supplier] as const))(
    "of %s have the right check digits",
    (_, { iban, siret, vatNumber }) => {
      expect([luhn(siret ?? ""), luhn(siret?.slice(0, 9) ?? "")]).toEqual([0, 0])
      expect(Number(`${siret?.slice(0, 9)}12`) % 97).toBe(Number(vatNumber.slice(2, 4)))
      expect([iban.length, mod97(iban)]).toEqual([27, 1n])
    }
  )

  it("of the German firm too", () => {
    const { iban, vatNumber } = machineHireInvoice.supplier
    expect([iban.length, mod97(iban)]).toEqual([22, 1n])
    expect(vatNumber).toMatch(/^DE\d{9}$/)
  })
})

describe("recognised by Tesseract", () => {
  let languages: string
  let worker: Worker
  beforeAll(async () => {
    languages = await mkdtemp(join(tmpdir(), "samples-"))
    const data = dirname(createRequire(import.meta.url).resolve("@tesseract.js-data/fra/package.json"))
    await symlink(join(data, "4.0.0_best_int", "fra.traineddata.gz"), join(languages, "fra.traineddata.gz"))
    worker = await createWorker("fra", OEM.LSTM_ONLY, { langPath: languages, gzip: true, cacheMethod: "none" })
  })
  afterAll(async () => {
    await worker.terminate()
    await rm(languages, { recursive: true })
  })

  it("facture-photo.jpg reads as what it says", async () => {
    const { data } = await worker.recognize(Buffer.from(await sample("facture-photo.jpg")))
    for (const part of shown(roofingInvoice)) expect(withoutSpaces(data.text)).toContain(part)
  })

  it("the picture without text reads as nothing", async () => {
    const { data } = await worker.recognize(Buffer.from(await imageWithoutText()))
    expect(withoutSpaces(data.text)).toBe("")
  })

  it("grain reads as letters that nothing is sure of", async () => {
    const { data } = await worker.recognize(Buffer.from(await grainyImageWithoutText()))
    expect(withoutSpaces(data.text)).not.toBe("")
    expect(data.confidence).toBeLessThan(50)
  })
})
