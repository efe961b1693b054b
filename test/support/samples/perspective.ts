type Point = readonly [x: number, y: number]

/** A 3 × 3 matrix, row by row. */
type Matrix = readonly [number, number, number, number, number, number, number, number, number]

/** Where the corners of a sheet are seen, in pixels. */
export interface Corners {
  readonly topLeft: Point
  readonly topRight: Point
  readonly bottomRight: Point
  readonly bottomLeft: Point
}

/** Maps the unit square to the four corners (P. Heckbert, Fundamentals of Texture Mapping, 1989, section 2.2.3). */
export const squareToCorners = ({ bottomLeft, bottomRight, topLeft, topRight }: Corners): Matrix => {
  const dx1 = topRight[0] - bottomRight[0]
  const dx2 = bottomLeft[0] - bottomRight[0]
  const dx3 = topLeft[0] - topRight[0] + bottomRight[0] - bottomLeft[0]
  const dy1 = topRight[1] - bottomRight[1]
  const dy2 = bottomLeft[1] - bottomRight[1]
  const dy3 = topLeft[1] - topRight[1] + bottomRight[1] - bottomLeft[1]
  const determinant = dx1 * dy2 - dx2 * dy1
  const g = (dx3 * dy2 - dx2 * dy3) / determinant
  const h = (dx1 * dy3 - dx3 * dy1) / determinant
  return [
    topRight[0] - topLeft[0] + g * topRight[0],
    bottomLeft[0] - topLeft[0] + h * bottomLeft[0],
    topLeft[0],
    topRight[1] - topLeft[1] + g * topRight[1],
    bottomLeft[1] - topLeft[1] + h * bottomLeft[1],
    topLeft[1],
    g,
    h,
    1
  ]
}

/** The inverse up to a factor, which does not matter for a projective map. */
export const adjugate = ([a, b, c, d, e, f, g, h, i]: Matrix): Matrix => [
  e * i - f * h, c * h - b * i, b * f - c * e,
  f * g - d * i, a * i - c * g, c * d - a * f,
  d * h - e * g, b * g - a * h, a * e - b * d
]
