import sharp from "sharp"
import type { Invoice } from "./Invoice.ts"
import { pagePixels } from "./page.ts"
import { adjugate, type Corners, squareToCorners } from "./perspective.ts"
import { seededRandom } from "./seededRandom.ts"

/** The pixels of the photo; about 190 dpi on the paper. */
const width = 1700
const height = 2338

/** Where the corners of the sheet are seen: turned by 1.3 degrees, the far (upper) edge a little shorter. */
const corners = {
  topLeft: [98, 62],
  topRight: [1622, 97],
  bottomRight: [1640, 2276],
  bottomLeft: [44, 2240]
} as const satisfies Corners

/** A window at the upper left, and the shadow of whoever holds the phone at the lower right. */
const light = (x: number, y: number): number => {
  const shadow = Math.exp(-((x / width - 0.85) ** 2 * 6 + (y / height - 0.8) ** 2 * 5))
  return 0.99 - 0.12 * (x / width) - 0.08 * (y / height) - 0.13 * shadow
}

const deskColor: readonly [number, number, number] = [126, 92, 62]
/** White paper under warm light. */
const lampColor: readonly [number, number, number] = [1, 0.975, 0.92]

/** A JPEG of the invoice lying on a desk, taken by hand: askew, unevenly lit, a little noisy and soft. */
export const photoJpeg = async (invoice: Invoice, accent: string): Promise<Uint8Array> => {
  // Taken apart once: every access through the image object crosses into native code.
  const { data: pixels, height: pageHeight, width: pageWidth } = pagePixels(invoice, accent, width)
  const [a, b, c, d, e, f, g, h, i] = adjugate(squareToCorners(corners))
  const random = seededRandom(20260224)
  const photo = new Uint8Array(width * height * 3)

  /** One channel of the sheet between its pixels (bilinear). */
  const sample = (x: number, y: number, channel: number): number => {
    const column = Math.min(Math.floor(x), pageWidth - 2)
    const row = Math.min(Math.floor(y), pageHeight - 2)
    const at = (dx: number, dy: number) => pixels[((row + dy) * pageWidth + column + dx) * 4 + channel] ?? 0
    const top = at(0, 0) + (at(1, 0) - at(0, 0)) * (x - column)
    const bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * (x - column)
    return top + (bottom - top) * (y - row)
  }

  for (let y = 0; y < height; y++) {
    const grain = 10 * Math.sin(y / 9) + 6 * Math.sin(y / 3.7)
    for (let x = 0; x < width; x++) {
      const depth = g * x + h * y + i
      const u = (a * x + b * y + c) / depth
      const v = (d * x + e * y + f) / depth
      const onPaper = u >= 0 && u <= 1 && v >= 0 && v <= 1
      const brightness = light(x, y)
      const noise = (random() + random() + random() - 1.5) * 22
      for (let channel = 0; channel < 3; channel++) {
        const base = onPaper
          ? sample(u * (pageWidth - 1), v * (pageHeight - 1), channel) * (lampColor[channel] ?? 1)
          : (deskColor[channel] ?? 0) + grain
        photo[(y * width + x) * 3 + channel] = Math.max(0, Math.min(255, base * brightness + noise))
      }
    }
  }
  const jpeg = await sharp(photo, { raw: { width, height, channels: 3 } }).blur(0.7).jpeg({ quality: 75 }).toBuffer()
  return new Uint8Array(jpeg)
}
