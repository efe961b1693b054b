import sharp, { type Sharp } from "sharp"
import { maxPixels } from "../../src/domain/limits.ts"
import type { PagePicture } from "../pdf/pagePicture.ts"
import { findInk, type InkArea, inkArea } from "./ink.ts"
import type { LoadedPage } from "./LoadedPage.ts"
import { grey, open, type Picture } from "./Picture.ts"
import { Refusal } from "./Refusal.ts"

/** Samples that are worked with at most; every later step has a bounded picture before it. */
export const workingPixels = 4_500_000

/**
 * Larger pictures are reduced while they are decoded and cut afterwards; to be cut first they are decoded in full, line
 * by line, or all in memory where the lines do not come in the order they are needed in.
 */
const fullPixels = { lineByLine: 40_000_000, inMemory: 12_000_000 }

const overview = 900

const scaleTo = (most: number, width: number, height: number): number => Math.min(1, Math.sqrt(most / (width * height)))

/** An area in whole pixels of a picture of this size. */
const pixelsOf = (area: InkArea, width: number, height: number) => {
  const [left, top] = [Math.floor(area.left * width), Math.floor(area.top * height)]
  return { left, top, width: Math.max(1, Math.ceil(area.right * width) - left), height: Math.max(1, Math.ceil(area.bottom * height) - top) }
}

const badImage = () => {
  throw new Refusal({ _tag: "BadImage" }, "the picture cannot be decoded")
}

/**
 * A photo or scan as people see it: turned as its EXIF says, transparency on white, grey, cut to what is written and
 * no larger than is worked with. Units are the pixels of the original as seen. Throws a `Refusal`.
 */
export const loadPicture = async (bytes: Uint8Array): Promise<LoadedPage> => {
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata().catch(badImage)
  const { height, width } = metadata.autoOrient
  if (width * height > maxPixels) throw new Refusal({ _tag: "TooManyPixels", width, height }, `the picture claims ${width} × ${height} pixels`)
  const decode = (): Sharp => sharp(bytes, { limitInputPixels: maxPixels, failOn: "none", sequentialRead: true }).autoOrient()
  const asGrey = (pipeline: Sharp): Promise<Picture> => grey(pipeline.flatten({ background: "#fff" }).greyscale()).catch(badImage)

  const small = await asGrey(decode().resize({ width: overview, height: overview, fit: "inside", withoutEnlargement: true }))
  const area = inkArea(await findInk(small))
  const box = pixelsOf(area, width, height)
  const inOrder = (metadata.orientation ?? 1) === 1 && metadata.isProgressive !== true
  if (width * height > (inOrder ? fullPixels.lineByLine : fullPixels.inMemory)) {
    const scale = scaleTo(workingPixels, width, height)
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
    return cut(await asGrey(decode().resize({ ...size, fit: "fill" })), area, width, height)
  }
  const scale = scaleTo(workingPixels, box.width, box.height)
  const size = { width: Math.max(1, Math.round(box.width * scale)), height: Math.max(1, Math.round(box.height * scale)) }
  const picture = await asGrey(decode().extract(box).resize({ ...size, fit: "fill" }))
  return { picture, left: box.left, top: box.top, unit: box.width / picture.width, width, height }
}

/** Cuts a picture of a whole page, of this many units, to an area of it. */
const cut = async (whole: Picture, area: InkArea, width: number, height: number): Promise<LoadedPage> => {
  const box = pixelsOf(area, whole.width, whole.height)
  const unit = width / whole.width
  return { picture: await grey(open(whole).extract(box)), left: box.left * unit, top: box.top * unit, unit, width, height }
}

/** A painted page of a PDF, cut to what is written, in points. */
export const loadPage = async ({ data, height, pageHeight, pageWidth, width }: PagePicture): Promise<LoadedPage> => {
  const whole = await grey(sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha().greyscale())
  return cut(whole, inkArea(await findInk(whole)), pageWidth, pageHeight)
}
