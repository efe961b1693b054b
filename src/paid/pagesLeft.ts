/**
 * The page numbers still to be asked for after the first request, which brings the first `perRequest` and the page
 * count: in all at most `maxPages`, the first ones and the last, where totals stand.
 */
export const pagesLeft = (pageCount: number, maxPages: number, perRequest: number): ReadonlyArray<ReadonlyArray<number>> => {
  const upTo = Math.min(pageCount, pageCount > maxPages ? maxPages - 1 : maxPages)
  const wanted = Array.from({ length: Math.max(0, upTo - perRequest) }, (_, index) => perRequest + 1 + index)
  if (pageCount > maxPages) wanted.push(pageCount)
  return Array.from({ length: Math.ceil(wanted.length / perRequest) }, (_, index) => wanted.slice(index * perRequest, (index + 1) * perRequest))
}
