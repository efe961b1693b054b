import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import sharp from "sharp"
import * as ChildPagePictures from "../../../layers/pdf/ChildPagePictures.ts"
import { PagePictures } from "../../../src/services/PagePictures.ts"
import * as Bad from "../../support/badFiles.ts"

layer(Layer.merge(ChildPagePictures.layer, Logger.layer([])), { excludeTestServices: true })("the picture of a first page", (it) => {
  const first = (kind: "pdf" | "jpeg" | "png" | "xml", bytes: Uint8Array) => PagePictures.use((pictures) => pictures.first({ kind, bytes }))

  it.effect("is painted for a PDF, of text or scanned", () =>
    Effect.gen(function*() {
      for (const pdf of [Bad.textPdf(), yield* Effect.promise(() => Bad.scannedPdf())]) {
        const picture = yield* first("pdf", pdf)
        const { format, height = 0, width = 0 } = yield* Effect.promise(() => sharp(picture?.bytes).metadata())
        const { channels } = yield* Effect.promise(() => sharp(picture?.bytes).stats())
        assert.strictEqual(format, "jpeg")
        assert.isTrue(width > 1000 && height > width, `${width} × ${height}`)
        assert.isAbove(channels[0]?.stdev ?? 0, 5, "something is printed on it")
      }
    }))

  it.effect("is the picture itself, and nothing where there is no page or none that can be painted", () =>
    Effect.gen(function*() {
      const bytes = new Uint8Array([0xff, 0xd8, 0xff])
      assert.deepStrictEqual(yield* first("jpeg", bytes), { kind: "jpeg", bytes })
      assert.isNull(yield* first("xml", bytes))
      assert.isNull(yield* first("pdf", new TextEncoder().encode("%PDF-1.7 rubbish")))
      assert.isNull(yield* first("pdf", yield* Effect.promise(() => Promise.resolve(Bad.encryptedPdf()))))
    }))
})
