import sharp from "sharp"
import { maxPixels } from "../../src/domain/limits.ts"
import { Refusal } from "./Refusal.ts"

const damaged = (what: string) => new Refusal({ _tag: "Damaged" }, what)

/**
 * Sees that a picture is whole. Its size is read from the header first; then it is decoded to the end, at an eighth
 * of the size and line by line, so that a small file cannot fill the memory. Strict about what is missing, lenient
 * about the rest: phones write trailing bytes and odd tags. Throws a `Refusal`.
 */
export const checkPicture = async (bytes: Uint8Array): Promise<void> => {
  const { height, width } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(() => {
    throw damaged("the picture's header cannot be read")
  })
  if (width * height > maxPixels) throw new Refusal({ _tag: "TooManyPixels", width, height }, `the picture claims ${width} × ${height} pixels`)
  await sharp(bytes, { limitInputPixels: maxPixels, failOn: "truncated", sequentialRead: true })
    .resize({ width: Math.max(1, Math.ceil(width / 8)), kernel: "nearest", fastShrinkOnLoad: true })
    .raw()
    .toBuffer()
    .catch(() => {
      throw damaged("the picture breaks off or cannot be decoded")
    })
}
