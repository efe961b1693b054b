import sharp, { type Sharp } from "sharp"

// Nothing is opened twice, so that libvips' cache would only hold memory.
sharp.cache(false)

/** Grey samples, one byte each, row by row from the top left. */
export interface Picture {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** Opens a picture for work with sharp. */
export const open = (picture: Picture): Sharp =>
  sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 1 } })

/** Runs a pipeline of sharp to its end as one grey channel. */
export const grey = async (pipeline: Sharp): Promise<Picture> => {
  const { data, info } = await pipeline.toColourspace("b-w").raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** The picture as a PGM file: a header before the samples, which the engine reads without decoding anything. */
export const toPgm = ({ data, height, width }: Picture): Buffer => Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), data])
