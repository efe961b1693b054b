/**
 * The pages of a long document that are recognised: the first ones and the last, where the totals stand. In the order
 * of their use, since time may run out: the first, the last, then the rest.
 */
export const recognitionOrder = (pageCount: number, most: number): ReadonlyArray<number> => {
  const rest = Array.from({ length: Math.max(0, Math.min(pageCount, most) - 2) }, (_, index) => index + 2)
  return pageCount > 1 ? [1, pageCount, ...rest] : [1]
}
