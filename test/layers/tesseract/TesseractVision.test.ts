import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import sharp, { type Sharp } from "sharp"
import * as TesseractVision from "../../../layers/tesseract/TesseractVision.ts"
import type { DocumentKind } from "../../../src/domain/DocumentKind.ts"
import { Vision } from "../../../src/services/Vision.ts"
import * as bad from "../../support/badFiles.ts"
import { roofingInvoice } from "../../support/samples/invoices.ts"
import { withPeakMemory } from "../childprocess/peakMemory.ts"

const MiB = 1024 * 1024

const recognise = (kind: DocumentKind, file: Uint8Array | Promise<Uint8Array>) =>
  Effect.gen(function*() {
    const vision = yield* Vision
    const bytes = yield* Effect.promise(async () => file)
    return yield* vision.recognise({ kind, bytes })
  })

const changed = async (change: (picture: Sharp) => Sharp): Promise<Uint8Array> =>
  new Uint8Array(await change(sharp(await bad.invoiceJpeg())).jpeg({ quality: 85 }).toBuffer())

const textOf = (recognition: { readonly pages: ReadonlyArray<{ readonly words: ReadonlyArray<{ readonly text: string }> }> }): string =>
  recognition.pages.flatMap((page) => page.words.map((word) => word.text)).join(" ")

const white = { background: "#ffffff" }

const ways: ReadonlyArray<readonly [string, () => Promise<Uint8Array>, readonly [number, number]]> = [
  ["straight", bad.invoiceJpeg, [1240, 1754]],
  ["at an angle of 1.5 degrees", () => changed((picture) => picture.rotate(1.5, white)), [1286, 1786]],
  ["at an angle of -5 degrees", () => changed((picture) => picture.rotate(-5, white)), [1388, 1856]],
  ["upside down", () => changed((picture) => picture.rotate(180)), [1240, 1754]],
  ["on its side", () => changed((picture) => picture.rotate(90)), [1240, 1754]],
  ["on its side, as the camera notes", () => changed((picture) => picture.rotate(270).withMetadata({ orientation: 6 })), [1240, 1754]]
]

const png = async (change: (picture: Sharp) => Sharp): Promise<Uint8Array> => new Uint8Array(await change(sharp(await bad.invoiceJpeg())).png().toBuffer())

const inks: ReadonlyArray<readonly [string, "jpeg" | "png", () => Promise<Uint8Array>]> = [
  ["a grey PNG that is half transparent", "png", () => png((picture) => picture.greyscale().ensureAlpha(0.9))],
  ["a PNG of 16 bits for each colour", "png", () => png((picture) => picture.toColourspace("rgb16"))],
  ["a JPEG for the printing press (CMYK)", "jpeg", () => changed((picture) => picture.toColourspace("cmyk"))],
  ["a print that has faded to a quarter of its contrast", "jpeg", () => changed((picture) => picture.linear(0.25, 185))]
]

layer(TesseractVision.layer({ concurrency: 1 }), { excludeTestServices: true })("Vision offline", (it) => {
  for (const [how, make, [width, height]] of ways) {
    it.effect(`recognises an invoice photographed ${how}, with its places`, () =>
      Effect.gen(function*() {
        const recognition = yield* recognise("jpeg", make())
        const [page] = recognition.pages
        assert.include(textOf(recognition), roofingInvoice.number)
        assert.strictEqual(recognition.engine, "tesseract")
        assert.closeTo(page?.width ?? 0, width, 8)
        assert.closeTo(page?.height ?? 0, height, 8)
        for (const { box, confidence } of page?.words ?? []) {
          assert.isTrue(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= width + 8 && box.y1 <= height + 8)
          assert.isTrue(confidence >= 0 && confidence <= 1)
        }
      }))
  }

  for (const [what, kind, make] of inks) {
    it.effect(`recognises ${what}`, () => Effect.map(recognise(kind, make()), (recognition) => assert.include(textOf(recognition), roofingInvoice.number)))
  }

  it.effect("gives what each pass saw where the first was in doubt, page by page", () =>
    Effect.map(recognise("jpeg", changed((picture) => picture.resize(620).blur(0.6))), ({ pages, passes = [] }) => {
      assert.isAtLeast(passes.length, 2)
      for (const pass of passes) assert.deepStrictEqual(pass.map(({ height, number, width }) => [number, width, height]), pages.map(({ height, number, width }) => [number, width, height]))
      assert.notDeepEqual(passes[0], passes[1])
    }))

  it.effect("finds no words in a picture of one pixel, nor in a strip", () =>
    Effect.forEach([[1, 1], [3, 9000]] as const, ([width, height]) => {
      const picture = sharp({ create: { width, height, channels: 3, background: "#777777" } }).png().toBuffer()
      return Effect.map(recognise("png", picture.then((bytes) => new Uint8Array(bytes))), ({ pages }) => assert.lengthOf(pages[0]?.words ?? [], 0))
    }))

  it.effect("recognises a scanned PDF, in points, with children below 360 MB", () =>
    Effect.gen(function*() {
      const [recognition, peak] = yield* withPeakMemory(recognise("pdf", bad.scannedPdf()))
      assert.include(textOf(recognition), roofingInvoice.number)
      assert.deepStrictEqual([recognition.pages[0]?.width, recognition.pages[0]?.height].map((side) => Math.round(side ?? 0)), [595, 842])
      assert.isBelow(peak, 360 * MiB)
    }))

  it.effect("recognises the first pages of a long scan and the last", () =>
    Effect.map(recognise("pdf", bad.manyPagesPdf(30)), ({ pageCount, pages }) => {
      assert.strictEqual(pageCount, 30)
      assert.deepStrictEqual(pages.map((page) => page.number), [1, 2, 3, 4, 5, 6, 7, 8, 9, 30])
    }))

  it.effect("paints a page of 70 metres small, and a picture bomb not at all, with children below 360 MB", () =>
    Effect.gen(function*() {
      const [huge, hugePeak] = yield* withPeakMemory(recognise("pdf", bad.pdfHugePage()))
      assert.isAbove(huge.pages[0]?.words.length ?? 0, 100)
      const [bomb, bombPeak] = yield* withPeakMemory(recognise("pdf", bad.pdfImageBomb()))
      assert.lengthOf(bomb.pages[0]?.words ?? [], 0)
      assert.isBelow(Math.max(hugePeak, bombPeak), 360 * MiB)
    }))

  it.effect("finds no words in a picture without text, and that is no error", () =>
    Effect.forEach([bad.imageWithoutText, bad.blankPng], (make) =>
      Effect.map(recognise(make === bad.blankPng ? "png" : "jpeg", make()), ({ pages }) => {
        assert.lengthOf(pages, 1)
        assert.lengthOf(pages[0]?.words ?? [], 0)
      })))

  it.effect("refuses what cannot be decoded, is too large, or has no pages to look at", () =>
    Effect.gen(function*() {
      const reasonOf = (kind: DocumentKind, file: Uint8Array) => Effect.map(Effect.flip(recognise(kind, file)), (error) => error._tag === "VisionError" ? error.reason._tag : error._tag)
      assert.strictEqual(yield* reasonOf("jpeg", bad.garbageJpeg()), "BadImage")
      assert.strictEqual(yield* reasonOf("png", bad.hugePng()), "TooManyPixels")
      assert.strictEqual(yield* reasonOf("pdf", bad.truncatedPdf()), "BadImage")
      assert.strictEqual(yield* reasonOf("xml", bad.xmlUtf16()), "BadImage")
    }))

  it.effect("stops at once when interrupted, and recognises the next picture", () =>
    Effect.gen(function*() {
      const [whole] = yield* Effect.timed(Effect.exit(recognise("jpeg", bad.invoiceJpeg())))
      const first = yield* Effect.forkChild(recognise("jpeg", bad.invoiceJpeg()))
      yield* Effect.sleep("600 millis")
      const [stopping] = yield* Effect.timed(Fiber.interrupt(first))
      assert.isBelow(Duration.toMillis(stopping), Duration.toMillis(whole) / 2, "milliseconds, against half of the whole")
      assert.include(textOf(yield* recognise("jpeg", bad.invoiceJpeg())), roofingInvoice.number)
    }))
})
