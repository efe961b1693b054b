import { grey, open, type Picture } from "./Picture.ts"

/** Side of the squares in which the brightness of the paper is taken: a few letters wide. */
const square = 16
/** The paper is as bright as the brighter part of a square; the very brightest may be glare. */
const brightest = 0.2
/** Paper darker than this is taken for this: a black border must not be made white. */
const darkestPaper = 50

const paperIn = (picture: Picture, left: number, top: number): number => {
  const counts = new Uint16Array(256)
  let seen = 0
  const [right, bottom] = [Math.min(picture.width, left + square), Math.min(picture.height, top + square)]
  // Every other sample of every other row tells enough.
  for (let y = top; y < bottom; y += 2) {
    for (let x = left; x < right; x += 2) {
      const value = picture.data[y * picture.width + x] ?? 255
      counts[value] = (counts[value] ?? 0) + 1
      seen += 1
    }
  }
  let [value, brighter] = [255, counts[255] ?? 0]
  while (value > 0 && brighter < seen * brightest) brighter += counts[--value] ?? 0
  return value
}

/** Divides by the brightness of the paper, square by square: shadows and faded thermal paper come out white. */
export const evenLight = async (picture: Picture): Promise<Picture> => {
  const [width, height] = [Math.ceil(picture.width / square), Math.ceil(picture.height / square)]
  const squares = Buffer.alloc(width * height)
  for (let index = 0; index < squares.length; index++) squares[index] = paperIn(picture, (index % width) * square, Math.floor(index / width) * square)
  const paper = await grey(
    open({ data: squares, width, height }).median(5).blur(2).resize({ width: picture.width, height: picture.height, fit: "fill", kernel: "cubic" })
  )
  const factors = Float32Array.from({ length: 256 }, (_, brightness) => 250 / Math.max(darkestPaper, brightness))
  const [source, brightness, data] = [picture.data, paper.data, Buffer.allocUnsafe(picture.data.length)]
  for (let index = 0; index < data.length; index++) data[index] = Math.min(255, (source[index] ?? 255) * (factors[brightness[index] ?? 255] ?? 1) + 0.5)
  return { ...picture, data }
}

/** Ink fainter than this is not made black: where there is no ink, the grain of the paper would be. */
const faintest = 150
/** So much of a page is ink at least, where there is any. */
const leastInk = 0.01

/** On an evenly lit picture: faded ink made black, as far as it can be told from paper. */
export const darkInk = (picture: Picture): Picture => {
  const counts = new Uint32Array(256)
  for (const value of picture.data) counts[value] = (counts[value] ?? 0) + 1
  let [darkest, seen] = [0, counts[0] ?? 0]
  while (darkest < faintest && seen < picture.data.length * leastInk) seen += counts[++darkest] ?? 0
  const stretched = Uint8Array.from({ length: 256 }, (_, value) => Math.max(0, Math.min(255, Math.round(((value - darkest) * 255) / (250 - darkest)))))
  return { ...picture, data: Buffer.from(picture.data.map((value) => stretched[value] ?? value)) }
}

/** Stretches the contrast to the whole range. */
export const fullContrast = (picture: Picture): Promise<Picture> => grey(open(picture).normalise({ lower: 1, upper: 99 }))
