/** Without accents, with plain apostrophes, dashes and single blanks. */
export const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[’‘`´ʼ]/g, "'")
    .replace(/[‐‑‒–—−]/g, "-")
    .replace(/ß/g, "ss")
    .replace(/œ/gi, "oe")
    .replace(/æ/gi, "ae")
    .replace(/[\s\u00a0\u202f\u2009]+/g, " ")
    .trim()

/** `plain` in lower case: how labels are compared. Letters keep their places. */
export const fold = (text: string): string => plain(text).toLowerCase()

/** Changes of one letter (insert, drop, replace) that turn one word into the other, at most `limit`; more: limit + 1. */
export const editDistance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    let best = i
    for (let j = 1; j <= b.length; j++) {
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
      next.push(cost)
      best = Math.min(best, cost)
    }
    if (best > limit) return limit + 1
    row = next
  }
  return row[b.length] ?? limit + 1
}
