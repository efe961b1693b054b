import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { fromParts } from "../../../src/domain/CalendarDate.ts"
import { type InvoiceFields, unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { maxFileBytes } from "../../../src/domain/limits.ts"
import * as Money from "../../../src/domain/Money.ts"
import type { Page } from "../../../src/domain/Page.ts"
import { readInvoice } from "../../../src/pipeline/readInvoice.ts"
import { type DocumentContent, DocumentError, DocumentReader, DocumentReason } from "../../../src/services/DocumentReader.ts"
import { ExtractorError, ExtractorReason, InvoiceExtractor } from "../../../src/services/InvoiceExtractor.ts"
import { type Recognition, Vision, VisionError, VisionReason } from "../../../src/services/Vision.ts"
import * as Bad from "../../support/badFiles.ts"
import { pageOf } from "../reading/pageOf.ts"

const invoicePage = pageOf(`
Plâtrerie Exemple & Fils SARL
27 rue du Modèle, 49000 Angers

Facture n° FA-2026-0147             Date : 09/03/2026

Cloison placo BA13 sur ossature, isolée       46,50 m²      2 455,20
Doublage thermique des murs extérieurs        38,00 m²      2 337,00

Total HT     4 792,20 EUR
TVA 10 %       479,22 EUR
Total TTC    5 271,42 EUR
`)
const garbagePage: Page = { ...invoicePage, words: invoicePage.words.map((word) => ({ ...word, text: word.text.replace(/\p{L}/gu, "\uFFFD") })) }
const stampPage = pageOf("Scanned by OfficeJet 7")

const fields: InvoiceFields = {
  ...unknownFields,
  supplierName: "Plâtrerie Exemple & Fils SARL",
  invoiceNumber: "FA-2026-0147",
  invoiceDate: Option.getOrThrow(fromParts(2026, 3, 9)),
  currency: "EUR",
  amountHT: Option.getOrThrow(Money.parse("4792.20")),
  amountTVA: Option.getOrThrow(Money.parse("479.22")),
  amountTTC: Option.getOrThrow(Money.parse("5271.42"))
}

const content = (change: Partial<DocumentContent>): DocumentContent => ({ pageCount: 1, eInvoice: null, eInvoiceProblem: null, pages: [], ...change })
const recognition = (change: Partial<Recognition> = {}): Recognition => ({ pageCount: 1, pages: [invoicePage], engine: "test", ...change })

interface World {
  readonly read: Effect.Effect<DocumentContent, DocumentError>
  readonly recognise: Effect.Effect<Recognition, VisionError>
  readonly extract: Effect.Effect<InvoiceFields, ExtractorError>
}

/** Reads bytes in a world where each service gives what it is told to, and notes who was asked. */
const reading = (bytes: Uint8Array, world: Partial<World>) => {
  const asked: Array<string> = []
  const note = (name: string) => Effect.sync(() => void asked.push(name))
  const services = Layer.mergeAll(
    Layer.succeed(DocumentReader, { read: ({ kind }) => Effect.andThen(note(`read ${kind}`), world.read ?? Effect.succeed(content({}))) }),
    Layer.succeed(Vision, { recognise: ({ kind }) => Effect.andThen(note(`recognise ${kind}`), world.recognise ?? Effect.succeed(recognition())) }),
    Layer.succeed(InvoiceExtractor, { extract: ({ pages }) => Effect.andThen(note(`extract from ${pages.length}`), Effect.map(world.extract ?? Effect.succeed(fields), (found) => ({ fields: found }))) })
  )
  return { asked, result: readInvoice(bytes).pipe(Effect.provide(services)) }
}

/** Past every wait of a retry. */
const inTime = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 2, 20))
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("10 seconds")
    return yield* Fiber.join(fiber)
  })

const pdf = Bad.textPdf()
const jpeg = new Uint8Array(readFileSync(new URL("../../../samples/facture-photo.jpg", import.meta.url)))
const xml = new TextEncoder().encode(Bad.ciiText())

describe("the best source there is", () => {
  it.effect("is the e-invoice, alone in its file: nobody else is asked", () =>
    Effect.gen(function*() {
      const { asked, result } = reading(xml, { read: Effect.succeed(content({ eInvoice: fields })) })
      const { confidence, fields: found, needsReview, source, warnings } = yield* inTime(result)
      assert.deepStrictEqual(asked, ["read xml"])
      assert.deepInclude({ source, needsReview, invoiceNumber: found.invoiceNumber }, { source: "e-invoice", needsReview: false, invoiceNumber: "FA-2026-0147" })
      assert.deepStrictEqual(warnings, [])
      assert.isAbove(confidence, 0.9)
    }))

  it.effect("is the e-invoice inside a PDF, also when the page says something else; the difference is told", () =>
    Effect.gen(function*() {
      const { asked, result } = reading(pdf, { read: Effect.succeed(content({ eInvoice: { ...fields, invoiceNumber: "X-9999" }, pages: [invoicePage] })) })
      const { fields: found, needsReview, source, warnings } = yield* inTime(result)
      assert.deepStrictEqual([asked, source, found.invoiceNumber, needsReview], [["read pdf"], "e-invoice", "X-9999", true])
      assert.deepInclude(warnings.map(({ code, field }) => ({ code, field })), { code: "differs-from-page", field: "invoiceNumber" })
    }))

  it.effect("is the printed text, where it makes sense: no picture is looked at", () =>
    Effect.gen(function*() {
      const { asked, result } = reading(pdf, { read: Effect.succeed(content({ pages: [invoicePage] })) })
      const { evidence, source, warnings } = yield* inTime(result)
      assert.deepStrictEqual([asked, source, warnings], [["read pdf", "extract from 1"], "pdf-text", []])
      assert.deepInclude(evidence.invoiceNumber, { page: 1 })
    }))

  it.effect.each([["of garbage", [garbagePage]], ["of a scanner's stamp", [stampPage]], ["that is empty", [pageOf("")]], ["that is missing", []]] as const)(
    "is the picture, where the text layer is one %s",
    ([, pages]) =>
      Effect.gen(function*() {
        const { asked, result } = reading(pdf, { read: Effect.succeed(content({ pages })) })
        assert.strictEqual((yield* inTime(result)).source, "ocr")
        assert.deepStrictEqual(asked, ["read pdf", "recognise pdf", "extract from 1"])
      })
  )

  it.effect("is the picture, where there is nothing else", () =>
    Effect.gen(function*() {
      const { asked, result } = reading(jpeg, {})
      assert.strictEqual((yield* inTime(result)).source, "ocr")
      assert.deepStrictEqual(asked, ["read jpeg", "recognise jpeg", "extract from 1"])
    }))

  it.effect("is the page, where the e-invoice inside cannot be used, and that is told in words without the file's content", () =>
    Effect.gen(function*() {
      const { result } = reading(pdf, { read: Effect.succeed(content({ pages: [invoicePage], eInvoiceProblem: "malformed (line 3): geheim" })) })
      const { needsReview, source, warnings } = yield* inTime(result)
      assert.deepStrictEqual([source, needsReview, warnings.map(({ code }) => code)], ["pdf-text", true, ["e-invoice-unusable"]])
      assert.notInclude(JSON.stringify(warnings), "geheim")
    }))
})

describe("recognition", () => {
  it.effect("of a part of the pages only is told", () =>
    Effect.gen(function*() {
      const { result } = reading(pdf, { recognise: Effect.succeed(recognition({ pageCount: 40 })) })
      const { needsReview, warnings } = yield* inTime(result)
      assert.deepStrictEqual(warnings, [{ code: "pages-not-read", field: null, message: "Only 1 of the 40 pages were read: the first ones and the last." }])
      assert.isTrue(needsReview)
    }))

  it.effect.each([
    ["nothing at all", [{ ...invoicePage, words: [] }]],
    ["dust and shadows", [pageOf("lll iii 00 ,,, Wvv", { confidence: 0.1 })]],
    ["no page", []]
  ] as const)("that finds %s ends with words for the photographer", ([, pages]) =>
    Effect.gen(function*() {
      const { asked, result } = reading(jpeg, { recognise: Effect.succeed(recognition({ pages, pageCount: 1 })) })
      const error = yield* inTime(Effect.flip(result))
      assert.deepInclude({ tag: error._tag, code: error.code, message: error.message }, { tag: "NoTextFound", code: "no-text-found", message: "no text was found on the page" })
      assert.include(error.plainWords, "sharper scan")
      assert.notInclude(asked.join(), "extract")
    }))
})

describe("a file that is not read", () => {
  const over = new Uint8Array(maxFileBytes + 1)
  over.set(pdf)

  it.effect.each([
    ["zero bytes", Bad.zeroBytes(), { _tag: "Empty" }, "file-empty"],
    ["one byte over 20 MiB", over, { _tag: "TooLarge", bytes: 20_971_521, limit: 20_971_520 }, "file-too-large"],
    ["a PDF of 25 MB", Bad.tooLargePdf(), { _tag: "TooLarge", bytes: 25_000_000, limit: 20_971_520 }, "file-too-large"],
    ["text with the name of a PDF", Bad.textNamedPdf(), { _tag: "NotSupported", kind: "text" }, "file-type-not-supported"],
    ["TIFF", Bad.tiffFile("II"), { _tag: "NotSupported", kind: "tiff" }, "file-type-not-supported"],
    ["a Word document", Bad.docxFile(), { _tag: "NotSupported", kind: "zip" }, "file-type-not-supported"]
  ] as const)("such as %s is refused before anything opens it", ([, bytes, reason, code]) =>
    Effect.gen(function*() {
      const { asked, result } = reading(bytes, {})
      const error = yield* Effect.flip(result)
      assert.strictEqual(error.code, code)
      assert.deepStrictEqual(error._tag === "DocumentError" ? { ...error.reason } : null, reason)
      assert.deepStrictEqual(asked, [])
    }))

  it.effect("such as HEIC is called by its name", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(async () => Bad.heicFile())
      const error = yield* Effect.flip(reading(bytes, {}).result)
      assert.include(error.plainWords, "HEIC photo")
    }))

  it.effect("of exactly 20 MiB is read", () =>
    Effect.gen(function*() {
      const { asked, result } = reading(over.subarray(0, maxFileBytes), { read: Effect.succeed(content({ pages: [invoicePage] })) })
      assert.strictEqual((yield* inTime(result)).source, "pdf-text")
      assert.deepStrictEqual(asked, ["read pdf", "extract from 1"])
    }))
})

describe("a service that fails", () => {
  const detail = "nobody there"
  const after = Duration.seconds(1)

  it.effect.each([
    ["read", { read: Effect.fail(new DocumentError({ reason: DocumentReason.ReaderBroke(), detail })) }, "reader-unavailable", 3],
    ["read", { read: Effect.fail(new DocumentError({ reason: DocumentReason.Damaged(), detail })) }, "file-damaged", 1],
    ["recognise", { recognise: Effect.fail(new VisionError({ reason: VisionReason.Unavailable(), detail })) }, "ocr-unavailable", 3],
    ["recognise", { recognise: Effect.fail(new VisionError({ reason: VisionReason.RateLimited({ after }), detail })) }, "ocr-rate-limited", 1],
    ["extract", { extract: Effect.fail(new ExtractorError({ reason: ExtractorReason.Unusable(), detail })) }, "extraction-unusable", 1],
    ["extract", { extract: Effect.fail(new ExtractorError({ reason: ExtractorReason.Denied({ variable: "OPENAI_API_KEY" }), detail })) }, "extraction-denied", 1]
  ] as const)("at %s is asked again only where that helps (%#)", ([step, world, code, tries]) =>
    Effect.gen(function*() {
      const { asked, result } = reading(jpeg, world)
      assert.strictEqual((yield* inTime(Effect.flip(result))).code, code)
      assert.strictEqual(asked.filter((each) => each.startsWith(step)).length, tries)
    }))
})
