import { createCanvas } from "@napi-rs/canvas"
import { openPage, type Pdf } from "./openPdf.ts"

/** A page as painted: RGBA samples, and its size in points as seen. */
export interface PagePicture {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
  readonly pageWidth: number
  readonly pageHeight: number
}

/** Enough for 7 pt type; more makes recognition slower, not better. */
const dotsPerInch = 250

/** Bounds the canvas (4 bytes each) whatever size the page claims. A4 fits at 190 dpi. */
const maxCanvasPixels = 3_600_000

/** Paints a page. Of a page of absurd size the whole is painted small. */
export const pagePicture = async (pdf: Pdf, number: number): Promise<PagePicture> => {
  const page = await openPage(pdf, number)
  const seen = page.getViewport({ scale: 1 })
  const scale = Math.min(dotsPerInch / 72, Math.sqrt(maxCanvasPixels / (seen.width * seen.height)))
  const [width, height] = [Math.max(1, Math.floor(seen.width * scale)), Math.max(1, Math.floor(seen.height * scale))]
  const canvas = createCanvas(width, height)
  const context = canvas.getContext("2d")
  context.fillStyle = "white"
  context.fillRect(0, 0, width, height)
  await page.render({ canvas, canvasContext: context, viewport: page.getViewport({ scale }) }).promise
  const { data } = context.getImageData(0, 0, width, height)
  page.cleanup()
  return { data, width, height, pageWidth: seen.width, pageHeight: seen.height }
}
