import { createCanvas } from "@napi-rs/canvas"
import { describe, expect, it } from "vitest"
import { darkInk, evenLight } from "../../../layers/tesseract/light.ts"
import type { Picture } from "../../../layers/tesseract/Picture.ts"
import { printHeight } from "../../../layers/tesseract/printHeight.ts"
import { withoutRulings } from "../../../layers/tesseract/rulings.ts"

type Context = ReturnType<ReturnType<typeof createCanvas>["getContext"]>

/** A grey picture of what is drawn on white paper. */
const drawn = (width: number, height: number, draw: (context: Context) => void): Picture => {
  const context = createCanvas(width, height).getContext("2d")
  context.fillStyle = "white"
  context.fillRect(0, 0, width, height)
  context.fillStyle = "black"
  draw(context)
  const { data } = context.getImageData(0, 0, width, height)
  return { data: Buffer.from(data.filter((_, index) => index % 4 === 0)), width, height }
}

const print = (size: number) => (context: Context): void => {
  context.font = `${size}px sans-serif`
  for (let line = 0; line < 12; line++) context.fillText("Fourniture et pose de tuiles 1 234,50 dont TVA", 20, 60 + line * size * 1.6)
}

const dark = (picture: Picture, left: number, top: number, right: number, bottom: number): number => {
  let count = 0
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if ((picture.data[y * picture.width + x] ?? 255) < 128) count++
  return count
}

describe("the height of print", () => {
  it.each([14, 24, 40])("is told from lines of %i pixels", (size) => {
    const measured = printHeight(drawn(1400, 1000, print(size))) ?? 0
    expect(measured).toBeGreaterThan(size * 0.7)
    expect(measured).toBeLessThan(size * 1.15)
  })
  it("is not told from an empty page", () => expect(printHeight(drawn(600, 800, () => undefined))).toBeNull())
})

describe("rulings", () => {
  const box = (context: Context): void => {
    context.lineWidth = 3
    context.strokeRect(100, 100, 800, 60)
    context.strokeRect(300, 100, 200, 60)
  }
  const words = (context: Context): void => {
    context.font = "26px sans-serif"
    context.fillText("Facture N°   0042", 320, 140)
  }
  it("of a table are taken away, the words in it stay", () => {
    const cleaned = withoutRulings(drawn(1000, 300, (context) => [box, words].forEach((draw) => draw(context))))
    expect(dark(cleaned, 120, 90, 290, 170)).toBe(0)
    const [kept, were] = [dark(cleaned, 315, 110, 490, 150), dark(drawn(1000, 300, words), 315, 110, 490, 150)]
    expect(kept).toBeGreaterThan(were * 0.97)
  })
  it("leave letters alone that stand in no table", () => {
    const picture = drawn(1000, 300, (context) => {
      context.font = "bold 60px sans-serif"
      context.fillText("FACTURE Total", 50, 150)
    })
    expect(dark(withoutRulings(picture), 0, 0, 1000, 300)).toBeGreaterThan(dark(picture, 0, 0, 1000, 300) * 0.99)
  })
})

describe("light", () => {
  it("is evened over a shadow, and faded ink made black", async () => {
    const page = drawn(800, 600, print(24))
    const faded: Picture = { ...page, data: Buffer.from(page.data.map((value, index) => (150 + value * 0.35) * (index % 800 < 400 ? 1 : 0.55))) }
    const levelled = darkInk(await evenLight(faded))
    const [lit, shaded] = [dark(levelled, 0, 0, 400, 600), dark(levelled, 400, 0, 800, 600)]
    expect(lit).toBeGreaterThan(dark(page, 0, 0, 400, 600) * 0.7)
    expect(shaded).toBeGreaterThan(dark(page, 400, 0, 800, 600) * 0.7)
    expect(levelled.data[5]).toBeGreaterThan(240)
    expect(levelled.data[790]).toBeGreaterThan(240)
  })
})
