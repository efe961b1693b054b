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
  for (let y = top; y < Math.min(picture.height, top + square); y++) {
    for (let x = left; x < Math.min(picture.width, left + square); x++) {
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
  const data = picture.data.map((value, index) => Math.min(255, Math.round((value * 250) / Math.max(darkestPaper, paper.data[index] ?? 255))))
  return { ...picture, data: Buffer.from(data.buffer, data.byteOffset, data.length) }
}

/** Stretches the contrast to the whole range. */
export const fullContrast = (picture: Picture): Promise<Picture> => grey(open(picture).normalise({ lower: 1, upper: 99 }))
