import type { Picture } from "./Picture.ts"

/** Ink is this dark on evenly lit paper. */
const ink = 170
/** A ruling is at least this long, as a share of the picture's longer side; one that meets another, half of it. */
const leastLength = 0.028
/** Pixels that a ruling may be thick, and as a share of its length: strokes of large letters are thicker. */
const mostThick = 9
const thickness = 0.1
/** A gap of so many pixels does not end a ruling: print is grainy. */
const mostGap = 2
/** As much of a ruling stands free of letters; joined letters make long runs as well. */
const leastFree = 0.85

/** A picture seen as lines of samples along one direction. */
interface Axis {
  readonly length: number
  readonly count: number
  readonly along: number
  readonly across: number
}

/** Dark samples on both sides of a place, across the direction: where ink begins and ends there. */
const inkAcross = (data: Uint8Array, { across, along, count }: Axis, line: number, at: number): readonly [from: number, to: number] => {
  const isInk = (index: number): boolean => index >= 0 && index < count && (data[index * across + at * along] ?? 255) < ink
  let [from, to] = [line, line]
  while (line - from <= mostThick && isInk(from - 1)) from--
  while (to - line <= mostThick && isInk(to + 1)) to++
  return [from, to]
}

/** Calls back for each dark run of at least `least` samples along the direction. */
const runs = (data: Uint8Array, axis: Axis, least: number, found: (line: number, from: number, to: number) => void): void => {
  for (let line = 0; line < axis.count; line++) {
    let [from, last] = [-1, -1]
    for (let at = 0; at <= axis.length; at++) {
      if (at < axis.length && (data[line * axis.across + at * axis.along] ?? 255) < ink) {
        if (from < 0) from = at
        last = at
      } else if (from >= 0 && (at === axis.length || at - last > mostGap)) {
        if (last - from + 1 >= least) found(line, from, last)
        from = -1
      }
    }
  }
}

/**
 * Takes away the rulings of tables and forms, which the engine takes for letters or for the frame of a picture. Letters
 * that cross a ruling or stand on it stay whole. The picture is level and evenly lit.
 */
export const withoutRulings = (picture: Picture): Picture => {
  const { data: source, height, width } = picture
  const data = Buffer.from(source)
  const erased = new Uint8Array(source.length)
  const least = Math.max(40, Math.round(leastLength * Math.max(width, height)))
  const rows: Axis = { length: width, count: height, along: 1, across: width }
  const columns: Axis = { length: height, count: width, along: width, across: 1 }

  const meetsAnother = (axis: Axis, line: number, from: number, to: number): boolean => {
    for (let at = Math.max(0, from - mostThick); at <= Math.min(axis.length - 1, to + mostThick); at++) {
      if (erased[line * axis.across + at * axis.along] === 1) return true
    }
    return false
  }

  const eraseRuling = (axis: Axis, line: number, from: number, to: number): void => {
    const limit = Math.min(mostThick, thickness * (to - from + 1))
    const strokes: Array<readonly [at: number, from: number, to: number]> = []
    for (let at = from; at <= to; at++) {
      const [first, last] = inkAcross(source, axis, line, at)
      if (last - first < limit) strokes.push([at, first, last])
    }
    if (strokes.length < leastFree * (to - from + 1)) return
    for (const [at, first, last] of strokes) {
      for (let index = Math.max(0, first - 1); index <= Math.min(axis.count - 1, last + 1); index++) {
        const place = index * axis.across + at * axis.along
        data[place] = 255
        erased[place] = 1
      }
    }
  }

  runs(source, rows, least, (line, from, to) => eraseRuling(rows, line, from, to))
  runs(source, columns, Math.round(least / 2), (line, from, to) => {
    if (to - from + 1 >= least || meetsAnother(columns, line, from, to)) eraseRuling(columns, line, from, to)
  })
  return { ...picture, data }
}
