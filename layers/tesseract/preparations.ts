import type { Layout } from "./engine.ts"
import { fullContrast } from "./light.ts"
import type { Picture } from "./Picture.ts"
import { withoutRulings } from "./rulings.ts"
import type { Sheet } from "./Sheet.ts"
import { type Straightened, straighten } from "./straighten.ts"

/** How a page is prepared for one pass of the engine. */
export interface Preparation {
  /** The height that its print is brought to, in pixels: the engine likes about thirty. */
  readonly print: number
  /** Samples at most, whatever the size of the print. */
  readonly mostPixels: number
  readonly light: "contrasted" | "levelled"
  readonly rulings: "kept" | "removed"
  readonly layout: Layout
}

const mostPixels = 5_500_000

/** The pass that is mostly enough. */
export const usual: Preparation = { print: 32, mostPixels, light: "levelled", rulings: "kept", layout: "column" }

/**
 * Where it is not: what one of these garbles, another reads. They differ in what goes wrong most: the size of the
 * print, faint or uneven ink, the rulings of tables, and where the engine looks for lines.
 */
export const others: ReadonlyArray<Preparation> = [
  { print: 32, mostPixels, light: "levelled", rulings: "kept", layout: "block" },
  { print: 30, mostPixels, light: "levelled", rulings: "removed", layout: "scattered" },
  { print: 38, mostPixels, light: "levelled", rulings: "removed", layout: "column" },
  { print: 26, mostPixels, light: "contrasted", rulings: "kept", layout: "column" }
]

/** Quick, to find out which way up a page is. */
export const hasty: Preparation = { print: 22, mostPixels: 1_300_000, light: "levelled", rulings: "kept", layout: "column" }

/** Reduced by half at most: faint strokes vanish. */
const mostReduced = 0.5
const mostEnlarged = 2.8

/** Where there is no telling how high the print is. */
const usualPixels = 3_600_000

const scaleFor = ({ page: { picture: { height, width } }, print }: Sheet, preparation: Preparation): number => {
  const pixels = width * height
  const wanted = print === null ? Math.sqrt(usualPixels / pixels) : Math.max(mostReduced, preparation.print / print)
  return Math.min(mostEnlarged, wanted, Math.sqrt(preparation.mostPixels / pixels))
}

/** The page's picture level, in the wanted size and light, and the way back. */
export const prepare = async (sheet: Sheet, preparation: Preparation): Promise<Straightened> => {
  const source = preparation.light === "levelled" ? sheet.levelled : await fullContrast(sheet.page.picture)
  const straightened = await straighten(source, sheet.skew, scaleFor(sheet, preparation))
  const picture: Picture = preparation.rulings === "removed" ? withoutRulings(straightened.picture) : straightened.picture
  return { ...straightened, picture }
}
