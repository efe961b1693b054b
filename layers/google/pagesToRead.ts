/** Vision annotates at most so many pages of a file in one request (product documentation, "Detect text in files"). */
export const pagesPerRequest = 5

/**
 * The page numbers still to be asked for after the first request, which brings the first five and the page count:
 * in all at most `maxPages`, the first ones and the last, where totals stand.
 */
export const pagesLeft = (pageCount: number, maxPages: number): ReadonlyArray<ReadonlyArray<number>> => {
  const upTo = Math.min(pageCount, pageCount > maxPages ? maxPages - 1 : maxPages)
  const wanted = Array.from({ length: Math.max(0, upTo - pagesPerRequest) }, (_, index) => pagesPerRequest + 1 + index)
  if (pageCount > maxPages) wanted.push(pageCount)
  return Array.from({ length: Math.ceil(wanted.length / pagesPerRequest) }, (_, index) =>
    wanted.slice(index * pagesPerRequest, (index + 1) * pagesPerRequest))
}
