import { type Ink, isBlank } from "./ink.ts"

const widest = 7
const coarse = 0.5
const fine = 0.1

/** How sharply lines of ink stand out when the picture is sheared by an angle: the energy of its profile's edges. */
const sharpness = (xs: Int16Array, ys: Int16Array, side: number, degrees: number): number => {
  const slope = Math.tan((degrees * Math.PI) / 180)
  const profile = new Float64Array(3 * side)
  for (let index = 0; index < xs.length; index++) {
    const row = Math.round((ys[index] ?? 0) - (xs[index] ?? 0) * slope) + side
    profile[row] = (profile[row] ?? 0) + 1
  }
  let energy = 0
  for (let row = 1; row < profile.length; row++) energy += ((profile[row] ?? 0) - (profile[row - 1] ?? 0)) ** 2
  return energy
}

const range = (from: number, to: number, step: number): ReadonlyArray<number> =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step)

/** By how much the lines of text fall to the right, in degrees up to ±7, by projection profiles (Postl's method). */
export const skewOf = (ink: Ink): number => {
  if (isBlank(ink)) return 0
  const side = Math.max(ink.width, ink.height)
  const best = (angles: ReadonlyArray<number>): number =>
    angles.map((degrees) => ({ degrees, score: sharpness(ink.xs, ink.ys, side, degrees) })).reduce((a, b) => b.score > a.score ? b : a).degrees
  const rough = best(range(-widest, widest, coarse))
  return best(range(rough - coarse, rough + coarse, fine))
}
