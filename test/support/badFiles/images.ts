import { crc32 } from "node:zlib"
import sharp from "sharp"
import { roofingInvoice } from "../samples/invoices.ts"
import { pagePixels } from "../samples/page.ts"
import { seededRandom } from "../samples/seededRandom.ts"
import { utf8, concat, cutAt, deflatedZeros, uint32 } from "./bytes.ts"

/** A clean JPEG of a whole invoice (1240 × 1755, about 150 dpi), which can be read. */
export const invoiceJpeg = async (): Promise<Uint8Array> => {
  const { data, height, width } = pagePixels(roofingInvoice, "#7a1f1f", 1240)
  const raw = { width, height, channels: 4 } as const
  return new Uint8Array(await sharp(new Uint8Array(data), { raw }).removeAlpha().jpeg({ quality: 85 }).toBuffer())
}

/** The first half of a JPEG: the header is whole, the lower part of the picture is missing. */
export const truncatedJpeg = async (): Promise<Uint8Array> => cutAt(await invoiceJpeg(), 0.5)

/** The magic bytes of a JPEG, then 4 kB of rubbish. */
export const garbageJpeg = (): Uint8Array => {
  const random = seededRandom(7)
  return concat(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), Uint8Array.from({ length: 4096 }, () => random() * 256))
}

/** An evening sky of 1200 × 1600 pixels; `grain` is how far single pixels stray, of 255. */
const sky = async (grain: number): Promise<Uint8Array> => {
  const [width, height] = [1200, 1600]
  const random = seededRandom(11)
  const pixels = new Uint8Array(width * height * 3)
  for (let index = 0; index < width * height; index++) {
    const depth = index / (width * height)
    const stray = random() * grain
    pixels.set([220 - 120 * depth + stray, 150 - 70 * depth + stray, 120 + 60 * depth + stray], index * 3)
  }
  return new Uint8Array(await sharp(pixels, { raw: { width, height, channels: 3 } }).blur(2).jpeg({ quality: 80 }).toBuffer())
}

/** A smooth photo (JPEG, 1200 × 1600) with nothing to read, in which recognition finds nothing. */
export const imageWithoutText = (): Promise<Uint8Array> => sky(2)

/** The same photo taken in bad light: nothing to read, but recognition sees letters in the grain. */
export const grainyImageWithoutText = (): Promise<Uint8Array> => sky(24)

const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#ffffff" } })

/** A white PNG of 1240 × 1754 pixels: an empty sheet. */
export const blankPng = async (): Promise<Uint8Array> => new Uint8Array(await plain(1240, 1754).png().toBuffer())

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const body = concat(utf8(type), data)
  return concat(uint32(data.length), body, uint32(crc32(body)))
}

const side = 30_000

/** A black PNG of 30,000 × 30,000 pixels (PNG third edition, clause 11) with the image data given. */
const hugePngOf = (bitDepth: number, colorType: number, imageData: Uint8Array): Uint8Array =>
  concat(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", concat(uint32(side), uint32(side), Uint8Array.of(bitDepth, colorType, 0, 0, 0))),
    chunk("IDAT", imageData),
    chunk("IEND", new Uint8Array())
  )

/** 900 million pixels in one bit each: valid, about 110 kB (deflate cannot do better), 113 MB as bits, 900 MB as grey bytes. */
export const hugePng = (): Uint8Array => hugePngOf(1, 0, deflatedZeros(side * (1 + side / 8)))

/** The same size claimed in 3 kB: the image data stops after the first rows. */
export const hugePngInFewBytes = (): Uint8Array => hugePngOf(1, 0, deflatedZeros(side * (1 + side / 8)).slice(0, 3000))

/** The same size in true colour: valid, 2.6 MB, 2.7 GB when decoded. */
export const hugePngRgb = (): Uint8Array => hugePngOf(8, 2, deflatedZeros(side * (1 + 3 * side)))

/** What an iPhone sends: a HEIC header box (ISO/IEC 23008-12), then a box that nothing here decodes. */
export const heicFile = (): Uint8Array =>
  concat(uint32(24), utf8("ftypheic"), uint32(0), utf8("mif1heic"), uint32(512), utf8("meta"), new Uint8Array(504))

/** A grey TIFF of 8 × 8 pixels (TIFF 6.0): "II" is little-endian, "MM" big-endian. */
export const tiffFile = (byteOrder: "II" | "MM"): Uint8Array => {
  const littleEndian = byteOrder === "II"
  const shortType = 3
  /** ImageWidth, ImageLength, BitsPerSample, Compression, Photometric, StripOffsets, SamplesPerPixel, RowsPerStrip, StripByteCounts. */
  const tags = [[256, 8], [257, 8], [258, 8], [259, 1], [262, 1], [273, 122], [277, 1], [278, 8], [279, 64]]
  const bytes = new Uint8Array(122 + 64).fill(0x80, 122)
  const view = new DataView(bytes.buffer)
  bytes.set(utf8(byteOrder))
  view.setUint16(2, 42, littleEndian)
  view.setUint32(4, 8, littleEndian)
  view.setUint16(8, tags.length, littleEndian)
  tags.forEach(([tag = 0, value = 0], index) => {
    const at = 10 + index * 12
    view.setUint16(at, tag, littleEndian)
    view.setUint16(at + 2, shortType, littleEndian)
    view.setUint32(at + 4, 1, littleEndian)
    view.setUint16(at + 8, value, littleEndian)
  })
  return bytes
}

/** A small white WebP picture. */
export const webpFile = async (): Promise<Uint8Array> => new Uint8Array(await plain(64, 64).webp().toBuffer())

/** A small white GIF picture. */
export const gifFile = async (): Promise<Uint8Array> => new Uint8Array(await plain(64, 64).gif().toBuffer())
