import { open, type Picture } from "./Picture.ts"

/** Wide enough to tell lines apart, small enough to try forty angles in some milliseconds. */
const measuringSide = 900

/** A pixel is ink when it is this much darker than its surroundings: shadows of a photo are not. */
const inkContrast = 18

/** Of the ink, as much as may lie outside the box at each side: specks, a shadow's edge. */
const specks = 0.003

/** Paper left around the ink, as a share of the longer side. */
const margin = 0.02

/** Where ink is in a picture reduced to `width` × `height`: x and y of each dark pixel. */
export interface Ink {
  readonly xs: Int16Array
  readonly ys: Int16Array
  readonly width: number
  readonly height: number
}

export const findInk = async (picture: Picture): Promise<Ink> => {
  const small = open(picture).resize({ width: measuringSide, height: measuringSide, fit: "inside", withoutEnlargement: true })
  const { data, info } = await small.clone().raw().toBuffer({ resolveWithObject: true })
  const surroundings = await small.clone().blur(8).raw().toBuffer()
  const xs: Array<number> = []
  const ys: Array<number> = []
  for (let index = 0; index < data.length; index += info.channels) {
    if ((surroundings[index] ?? 0) - (data[index] ?? 0) < inkContrast) continue
    const pixel = index / info.channels
    xs.push(pixel % info.width)
    ys.push(Math.floor(pixel / info.width))
  }
  return { xs: Int16Array.from(xs), ys: Int16Array.from(ys), width: info.width, height: info.height }
}

/** Fewer dark pixels than this are no text. */
export const isBlank = ({ xs }: Ink): boolean => xs.length < 200

/** From where to where values reach, without the outliers at both ends; each as a share of `size`. */
const extent = (values: Int16Array, size: number): readonly [number, number] => {
  const sorted = values.slice().sort()
  const outside = Math.floor(specks * sorted.length)
  return [(sorted[outside] ?? 0) / size, ((sorted[sorted.length - 1 - outside] ?? size) + 1) / size]
}

/** The part of a picture that carries ink, with some paper around, as shares of its width and height. */
export interface InkArea {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const inkArea = (ink: Ink): InkArea => {
  if (isBlank(ink)) return { left: 0, top: 0, right: 1, bottom: 1 }
  const [left, right] = extent(ink.xs, ink.width)
  const [top, bottom] = extent(ink.ys, ink.height)
  const paper = margin * Math.max(ink.width, ink.height)
  return {
    left: Math.max(0, left - paper / ink.width),
    top: Math.max(0, top - paper / ink.height),
    right: Math.min(1, right + paper / ink.width),
    bottom: Math.min(1, bottom + paper / ink.height)
  }
}
