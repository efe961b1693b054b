import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Logger } from "effect"
import * as Digest from "effect/crypto/Digest"
import { readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import * as path from "node:path"
import * as ChildDocumentReader from "../../../layers/pdf/ChildDocumentReader.ts"
import * as RulesExtractor from "../../../layers/rules/RulesExtractor.ts"
import * as DiskStorage from "../../../layers/storage/DiskStorage.ts"
import * as TesseractVision from "../../../layers/tesseract/TesseractVision.ts"
import { InvoiceProcessing } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import * as Bad from "../../support/badFiles.ts"
import { invoiceAttempt } from "../../support/invoiceServices.ts"
import { newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"
import { tempDir } from "../../support/tempDir.ts"
import { withPeakMemory } from "../../support/treeMemory.ts"

class FilesFolder extends Context.Service<FilesFolder, string>()("test/FilesFolder") {}

const folder = Layer.effect(FilesFolder, Effect.map(tempDir, (directory) => path.join(directory, "files")))
const files = Layer.unwrap(Effect.map(FilesFolder, (root) => DiskStorage.layer({ root })))

/** The program on everything that embedded mode has. */
const embedded = Layer.mergeAll(
  ownTables,
  Layer.provideMerge(files, folder),
  ChildDocumentReader.layer({ concurrency: 1 }),
  TesseractVision.layer({ concurrency: 1 }),
  RulesExtractor.layer,
  Digest.layerWebCrypto,
  Logger.layer([])
)

const MB = 1_000_000
/** What a supervisor holds that has nothing to do. */
const supervisorMB = 190

/** What the libraries that open files would leave behind: in the temporary folder, here, and beside the stored files. */
const leftovers = Effect.fnUntraced(function*(root: string) {
  const list = (directory: string) => Effect.promise(() => readdir(directory).catch((): ReadonlyArray<string> => []))
  const inTemporaryFolder = (yield* list(tmpdir())).filter((name) => /^(vips|magick|tess|sharp|pdf|core\.)|traineddata/i.test(name))
  const here = (yield* list(process.cwd())).filter((name) => /traineddata|^core\./.test(name))
  return [...inTemporaryFolder, ...here, ...(yield* list(path.join(root, ".incoming")))]
})

let stored = 0

/** Stores the file, has its invoice processed as a first attempt, and gives the row. */
const processFile = Effect.fnUntraced(function*(file: Uint8Array | null) {
  const root = yield* FilesFolder
  const fileKey = `tenant/bad-${++stored}`
  if (file !== null) yield* (yield* ObjectStorage).put(StorageKey.make(fileKey), file, "application/pdf")
  const data = yield* newInvoice({ fileKey })
  const before = yield* leftovers(root)
  const [verdict, peak] = yield* withPeakMemory(runAttempt(InvoiceProcessing)(invoiceAttempt(data)))
  assert.isBelow(peak / MB, 600 - supervisorMB, "MB of the children and of what this process grew by")
  assert.deepStrictEqual(yield* leftovers(root), before)
  return { verdict, peak, ...(yield* rowOf(data.invoiceId)) }
})

type Make = () => Uint8Array | Promise<Uint8Array> | null

const refused: ReadonlyArray<readonly [name: string, file: Make, code: string, sentence: RegExp]> = [
  ["zero bytes", Bad.zeroBytes, "file-empty", /^The file is empty \(0 bytes\)\. Please upload/],
  ["a JPEG of 25 MB", Bad.tooLargeJpeg, "file-too-large", /^The file is too large \(23\.[0-9]+ MiB\): at most 20 MiB/],
  ["a PDF of 25 MB", Bad.tooLargePdf, "file-too-large", /^The file is too large/],
  ["text renamed to .pdf", Bad.textNamedPdf, "file-type-not-supported", /^The file is plain text, which cannot be read/],
  ["a PDF that breaks off", Bad.truncatedPdf, "file-damaged", /^The file is damaged or incomplete/],
  ["a JPEG that breaks off", Bad.truncatedJpeg, "file-damaged", /^The (file|picture) is damaged or incomplete/],
  ["an encrypted PDF", Bad.encryptedPdf, "file-encrypted", /^The PDF is protected by a password/],
  ["a PDF without pages", Bad.zeroPagePdf, "file-without-pages", /^The PDF has no pages/],
  ["a PDF of 500 pages", () => Bad.manyPagesPdf(500), "too-many-pages", /^The PDF has 500 pages; at most 100/],
  ["a PNG of 30,000 × 30,000 pixels", Bad.hugePng, "image-too-large", /^The picture is too large to read \(30000 × 30000 pixels\)/],
  ["the same claimed in 3 kB", Bad.hugePngInFewBytes, "image-too-large", /^The picture is too large to read/],
  ["a photo without text", Bad.imageWithoutText, "no-text-found", /^No text could be found in the file/],
  ["an empty sheet", Bad.blankPng, "no-text-found", /^No text could be found/],
  ["a HEIC photo", Bad.heicFile, "file-type-not-supported", /^The file is a HEIC photo/],
  ["a TIFF (II)", () => Bad.tiffFile("II"), "file-type-not-supported", /^The file is a TIFF picture/],
  ["a TIFF (MM)", () => Bad.tiffFile("MM"), "file-type-not-supported", /^The file is a TIFF picture/],
  ["a file that is missing in the storage", () => null, "file-missing", /^The uploaded file could not be found/]
]

layer(embedded, { excludeTestServices: true })("a bad file", (it) => {
  for (const [name, file, code, sentence] of refused) {
    it.effect(`${name}: ends in error with ${code} and a sentence for the admin`, () =>
      Effect.gen(function*() {
        const { invoice, verdict } = yield* processFile(yield* Effect.promise(async () => file()))
        assert.strictEqual(verdict._tag, "Fail")
        assert.deepInclude(invoice, { status: "error", errorCode: code, supplierName: null, amountTTC: null })
        assert.match(String(invoice["errorMessage"]), sentence)
      }))
  }

  it.effect("a photo with grain that looks like letters: ends in error, or in a result that asks for a person", () =>
    Effect.gen(function*() {
      const { invoice } = yield* processFile(yield* Effect.promise(Bad.grainyImageWithoutText))
      if (invoice["status"] === "error") assert.strictEqual(invoice["errorCode"], "no-text-found")
      else assert.deepInclude(invoice, { status: "processed", needsReview: true, amountTTC: null })
    }))

  it.effect("keeps none of the good ones that follow from being read", () =>
    Effect.gen(function*() {
      const text = yield* processFile(Bad.textPdf())
      assert.deepInclude(text.invoice, { status: "processed", readingSource: "pdf-text", errorCode: null })
      const photo = yield* processFile(yield* Effect.promise(Bad.invoiceJpeg))
      assert.deepInclude(photo.invoice, { status: "processed", readingSource: "ocr" })
      assert.isNotNull(photo.invoice["amountTTC"])
    }))
})
