import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as ChildDocumentReader from "../../../layers/pdf/ChildDocumentReader.ts"
import type { DocumentKind } from "../../../src/domain/DocumentKind.ts"
import * as Money from "../../../src/domain/Money.ts"
import { DocumentReader } from "../../../src/services/DocumentReader.ts"
import * as bad from "../../support/badFiles.ts"
import { longestBlock } from "../../support/eventLoopDelay.ts"
import { withPeakMemory } from "../childprocess/peakMemory.ts"

const MiB = 1024 * 1024

type Made = Uint8Array | Promise<Uint8Array>

const read = (kind: DocumentKind, file: Made) =>
  Effect.gen(function*() {
    const reader = yield* DocumentReader
    const bytes = yield* Effect.promise(async () => file)
    return yield* reader.read({ kind, bytes })
  })

const refusals: ReadonlyArray<readonly [what: string, kind: DocumentKind, make: () => Made, reason: string]> = [
  ["a file of zero bytes", "pdf", bad.zeroBytes, "Empty"],
  ["a file over 20 MiB", "pdf", bad.tooLargePdf, "TooLarge"],
  ["text that calls itself a PDF", "pdf", bad.textNamedPdf, "Damaged"],
  ["half a PDF", "pdf", bad.truncatedPdf, "Damaged"],
  ["a PDF with a password", "pdf", bad.encryptedPdf, "Encrypted"],
  ["a PDF without pages", "pdf", bad.zeroPagePdf, "NoPages"],
  ["a PDF of 500 pages", "pdf", () => bad.manyPagesPdf(500), "TooManyPages"],
  ["a PDF whose pages go in a circle", "pdf", bad.pdfLoop, "Damaged"],
  ["a PDF that unpacks to 300 MiB", "pdf", bad.pdfBomb, "TooComplex"],
  ["half a JPEG", "jpeg", bad.truncatedJpeg, "Damaged"],
  ["rubbish that begins like a JPEG", "jpeg", bad.garbageJpeg, "Damaged"],
  ["a PNG of 900 million pixels", "png", bad.hugePng, "TooManyPixels"],
  ["such a PNG that breaks off", "png", bad.hugePngInFewBytes, "TooManyPixels"],
  ["such a PNG in colour", "png", bad.hugePngRgb, "TooManyPixels"],
  ["an XML with entities", "xml", bad.xmlWithEntities, "Damaged"],
  ["an XML nested 10,000 deep", "xml", bad.xmlDeep, "TooComplex"],
  ["an XML that is no invoice", "xml", bad.xmlOtherRoot, "NotAnInvoiceXml"],
  ["an XML that breaks off", "xml", bad.truncatedXml, "Damaged"]
]

layer(ChildDocumentReader.layer({ concurrency: 2 }), { excludeTestServices: true })("DocumentReader in child processes", (it) => {
  for (const [what, kind, make, reason] of refusals) {
    it.effect(`refuses ${what} (${reason}), with children below 330 MB`, () =>
      Effect.gen(function*() {
        const [error, peak] = yield* withPeakMemory(Effect.flip(read(kind, make())))
        assert.strictEqual(error.reason._tag, reason, error.message)
        assert.isBelow(peak, 330 * MiB)
      }))
  }

  it.effect("reads words with their places from a text layer", () =>
    Effect.gen(function*() {
      const { eInvoice, pageCount, pages: [page] } = yield* read("pdf", bad.textPdf())
      assert.strictEqual(pageCount, 1)
      assert.isNull(eInvoice)
      assert.isAbove(page?.words.length ?? 0, 100)
      for (const { box, confidence } of page?.words ?? []) {
        assert.isTrue(box.x0 < box.x1 && box.y0 < box.y1)
        assert.isTrue(box.x0 > -1 && box.y0 > -1 && box.x1 < (page?.width ?? 0) + 1 && box.y1 < (page?.height ?? 0) + 1)
        assert.strictEqual(confidence, 1)
      }
    }))

  it.effect("reads a PDF that is encrypted with an empty password, as viewers do", () =>
    Effect.map(read("pdf", bad.ownerEncryptedPdf()), ({ pages }) => assert.isAbove(pages[0]?.words.length ?? 0, 100)))

  it.effect("reads a hundred pages", () =>
    Effect.map(read("pdf", bad.manyPagesPdf(100)), ({ pageCount, pages }) => {
      assert.strictEqual(pageCount, 100)
      assert.deepStrictEqual(pages.map((page) => page.number), Array.from({ length: 100 }, (_, index) => index + 1))
      assert.deepStrictEqual(pages[99]?.words.map((word) => word.text), ["Conditions", "generales", "de", "vente"])
    }))

  it.effect("leaves a broken embedded XML aside, says why, and still reads the text", () =>
    Effect.map(read("pdf", bad.pdfWithBrokenFacturX()), ({ eInvoice, eInvoiceProblem, pages }) => {
      assert.isNull(eInvoice)
      assert.match(eInvoiceProblem ?? "", /not well-formed/)
      assert.notInclude(eInvoiceProblem ?? "", "should have been")
      assert.isAbove(pages[0]?.words.length ?? 0, 100)
    }))

  it.effect("reads an e-invoice XML, decimals exact", () =>
    Effect.map(read("xml", bad.xmlUtf16()), ({ eInvoice, pageCount, pages }) => {
      assert.strictEqual(pageCount, 1)
      assert.lengthOf(pages, 0)
      assert.match(eInvoice?.amountTTC == null ? "" : Money.format(eInvoice.amountTTC), /^\d+\.\d{2}$/)
    }))

  it.effect("passes whole pictures, also with bytes appended as phones do", () =>
    Effect.gen(function*() {
      const jpeg = yield* Effect.promise(bad.invoiceJpeg)
      const content = yield* read("jpeg", new Uint8Array(Buffer.concat([jpeg, Buffer.alloc(5000, 9)])))
      assert.deepStrictEqual(content, { pageCount: 1, eInvoice: null, eInvoiceProblem: null, pages: [] })
      yield* read("png", bad.blankPng())
    }))

  it.effect("reads 20 MiB without holding the event loop for 50 ms", () =>
    Effect.gen(function*() {
      const padding = new Uint8Array(20 * MiB)
      padding.set(bad.textPdf())
      yield* read("pdf", bad.textPdf())
      assert.isBelow(yield* longestBlock(read("pdf", padding)), 50, "milliseconds")
    }))

  it.effect("stops at once when interrupted, and reads the next file", () =>
    Effect.gen(function*() {
      const [whole] = yield* Effect.timed(Effect.exit(read("pdf", bad.pdfBomb())))
      const reading = yield* Effect.forkChild(read("pdf", bad.pdfBomb()))
      yield* Effect.sleep("200 millis")
      const [stopping] = yield* Effect.timed(Fiber.interrupt(reading))
      assert.isBelow(Duration.toMillis(stopping), Duration.toMillis(whole) / 2, "milliseconds, against half of the whole")
      assert.strictEqual((yield* read("pdf", bad.textPdf())).pageCount, 1)
    }))

  const corpus = new URL("../../../../shared/corpus/invoices/e-invoice/", import.meta.url)
  it.effect(existsSync(corpus) ? "finds the e-invoice in every real PDF that carries one" : "(the corpus of real e-invoices is not beside this checkout)", () =>
    Effect.forEach(existsSync(corpus) ? readdirSync(corpus) : [], (name) =>
      Effect.map(read("pdf", new Uint8Array(readFileSync(new URL(name, corpus)))), ({ eInvoice, eInvoiceProblem, pages }) => {
        assert.isNotNull(eInvoice?.invoiceNumber, `${name}: ${eInvoiceProblem}`)
        assert.isAbove(pages[0]?.words.length ?? 0, 50, name)
      })))
})
