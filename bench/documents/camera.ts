import sharp from "sharp"
import { adjugate, squareToCorners } from "../../test/support/samples/perspective.ts"
import type { Dice } from "./Dice.ts"
import type { Pixels } from "./drawing.ts"

/** How a paper became a picture. */
export interface Exposure {
  /** Degrees, clockwise. */
  readonly skew: number
  /** Standard deviation of what is added to each pixel, of 255. */
  readonly noise: number
  /** Standard deviation of the blur, in pixels. */
  readonly blur: number
  /** How dark ink is against paper: 1 is black on white. */
  readonly contrast: number
  /** How much light is lost from one corner to the other, 0 to 1. */
  readonly shadow: number
  /** Of the JPEG. */
  readonly quality: number
  readonly isGrey: boolean
}

interface Raw {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Light, contrast and noise, pixel by pixel; three channels. */
const expose = ({ data, height, width }: Raw, dice: Dice, { contrast, noise, shadow }: Exposure): void => {
  const [ax, ay] = [dice.between(-1, 1), dice.between(-1, 1)]
  const floor = 255 * (1 - contrast) * 0.75
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 1 - shadow * Math.max(0, Math.min(1, 0.5 + 0.5 * (ax * (2 * x / width - 1) + ay * (2 * y / height - 1))))
      const grain = (dice.unit() + dice.unit() + dice.unit() - 1.5) * 2 * noise
      const at = (y * width + x) * 3
      for (let channel = at; channel < at + 3; channel++) {
        data[channel] = Math.max(0, Math.min(255, (floor + (data[channel] ?? 0) * (1 - floor / 255)) * light + grain))
      }
    }
  }
}

const develop = async (raw: Raw, { isGrey, quality }: Exposure): Promise<Uint8Array> => {
  const picture = sharp(raw.data, { raw: { width: raw.width, height: raw.height, channels: 3 } })
  return new Uint8Array(await (isGrey ? picture.greyscale() : picture).jpeg({ quality }).toBuffer())
}

const soften = async (pixels: Pixels, { blur, skew }: Exposure): Promise<Raw> => {
  const turned = sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 4 } }).flatten({ background: "#ffffff" }).rotate(skew, { background: "#f4f4f2" })
  const { data, info } = await (blur >= 0.3 ? turned.blur(blur) : turned).raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** A JPEG as a flatbed or a copier makes it. */
export const scan = async (pixels: Pixels, dice: Dice, exposure: Exposure): Promise<Uint8Array> => {
  const raw = await soften(pixels, exposure)
  expose(raw, dice, exposure)
  return develop(raw, exposure)
}

/** The sheet as it lies on a desk, seen from not quite above. */
const onDesk = ({ data, height, width }: Raw, dice: Dice): Raw => {
  const wide = Math.round(width * dice.between(1.02, 1.12))
  const high = Math.round(height * dice.between(1.02, 1.1))
  const jitter = (share: number, of: number) => dice.between(0.004, share) * of
  const [a, b, c, d, e, f, g, h, i] = adjugate(squareToCorners({
    topLeft: [jitter(0.06, wide), jitter(0.04, high)],
    topRight: [wide - jitter(0.06, wide), jitter(0.04, high)],
    bottomRight: [wide - jitter(0.03, wide), high - jitter(0.03, high)],
    bottomLeft: [jitter(0.03, wide), high - jitter(0.03, high)]
  }))
  const desk = [dice.int(60, 150), dice.int(50, 120), dice.int(40, 100)]
  const seen = new Uint8Array(wide * high * 3)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const depth = g * x + h * y + i
      const u = (a * x + b * y + c) / depth * (width - 1)
      const v = (d * x + e * y + f) / depth * (height - 1)
      const at = (y * wide + x) * 3
      const isPaper = u >= 0 && v >= 0 && u < width - 1 && v < height - 1
      const [left, top] = [Math.floor(u), Math.floor(v)]
      for (let channel = 0; channel < 3; channel++) {
        if (!isPaper) {
          seen[at + channel] = desk[channel] ?? 0
          continue
        }
        const from = (top * width + left) * 3 + channel
        const upper = (data[from] ?? 0) * (1 - u + left) + (data[from + 3] ?? 0) * (u - left)
        const lower = (data[from + width * 3] ?? 0) * (1 - u + left) + (data[from + width * 3 + 3] ?? 0) * (u - left)
        seen[at + channel] = upper * (1 - v + top) + lower * (v - top)
      }
    }
  }
  return { data: seen, width: wide, height: high }
}

/** A JPEG taken by hand. */
export const photograph = async (pixels: Pixels, dice: Dice, exposure: Exposure): Promise<Uint8Array> => {
  const raw = onDesk(await soften(pixels, exposure), dice)
  expose(raw, dice, exposure)
  return develop(raw, exposure)
}

export const scanExposure = (dice: Dice): Exposure => ({
  skew: dice.between(-2, 2), noise: dice.between(1, 14), blur: dice.between(0, 0.9), contrast: dice.between(0.6, 1), shadow: dice.between(0, 0.2), quality: dice.int(45, 88), isGrey: dice.chance(0.6)
})

export const photoExposure = (dice: Dice): Exposure => ({
  skew: dice.between(-2, 2), noise: dice.between(3, 13), blur: dice.between(0.3, 1.1), contrast: dice.between(0.65, 0.95), shadow: dice.between(0.1, 0.55), quality: dice.int(55, 85), isGrey: false
})
