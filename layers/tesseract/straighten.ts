import type { Box } from "../../src/domain/Page.ts"
import { grey, open, type Picture } from "./Picture.ts"

/** A straightened picture, and the way back to the picture it was made from. */
export interface Straightened {
  readonly picture: Picture
  /** From pixels here to pixels there, about the common middle; the skew stays taken out, so that lines stay level. */
  readonly back: (box: Box) => Box
}

const resized = ({ height, width }: Picture, scale: number) => ({
  width: Math.max(1, Math.round(width * scale)),
  height: Math.max(1, Math.round(height * scale)),
  fit: "fill" as const,
  kernel: scale > 1 ? "cubic" as const : "lanczos3" as const
})

/** Scales and turns in one step, so that the samples are interpolated once. `skew` in degrees, as lines fall. */
export const straighten = async (source: Picture, skew: number, scale: number): Promise<Straightened> => {
  const turn = (-skew * Math.PI) / 180
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)]
  const picture = await grey(
    skew === 0
      ? open(source).resize(resized(source, scale))
      : open(source).affine([[cos, -sin], [sin, cos]], { interpolator: "bicubic", background: "#fff" })
  )
  const x = (value: number) => Math.min(source.width, Math.max(0, (value - picture.width / 2) / scale + source.width / 2))
  const y = (value: number) => Math.min(source.height, Math.max(0, (value - picture.height / 2) / scale + source.height / 2))
  return { picture, back: (box) => ({ x0: x(box.x0), y0: y(box.y0), x1: x(box.x1), y1: y(box.y1) }) }
}
