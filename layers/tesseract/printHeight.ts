import type { Picture } from "./Picture.ts"

/** Ink is this dark on evenly lit paper. */
const ink = 170
/** The page is looked at in so many columns, each narrow enough that lines are level in it. */
const columns = 24
/** A row of a column carries print with so many dark pixels; fewer are dust. */
const leastDark = 2
/** White rows between the dots of one letter, as matrix printers leave them. */
const mostGap = 2
/** Rows that a line of print may be high; less is a rule or noise, more a picture. */
const lowest = 6
const highest = 160

/**
 * How high lines of print are in an evenly lit picture, from the top of capitals to the foot of the letters, in
 * pixels: the middle one of all stretches of inked rows in narrow columns. null: there is hardly any print.
 */
export const printHeight = ({ data, height, width }: Picture): number | null => {
  const heights: Array<number> = []
  const columnWidth = Math.max(1, Math.floor(width / columns))
  for (let column = 0; column < columns; column++) {
    let [from, last] = [-1, -1]
    for (let y = 0; y <= height; y++) {
      let dark = 0
      if (y < height) {
        const start = y * width + column * columnWidth
        for (let x = start; x < start + columnWidth; x++) if ((data[x] ?? 255) < ink) dark++
      }
      if (dark >= leastDark) {
        if (from < 0) from = y
        last = y
      } else if (from >= 0 && (y === height || y - last > mostGap)) {
        const size = last - from + 1
        if (size >= lowest && size <= highest) heights.push(size)
        from = -1
      }
    }
  }
  return heights.length < 10 ? null : heights.toSorted((a, b) => a - b)[Math.floor(heights.length / 2)] ?? null
}
