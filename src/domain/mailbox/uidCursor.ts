/**
 * The lowest UID that is not settled, so that all below it are; where all that were listed are, the one behind the last.
 * Never further: what the server says its next UID will be is not relied on. `listed` ascending, none below `cursor`.
 */
export const cursorAfter = (cursor: number, listed: ReadonlyArray<number>, settled: ReadonlySet<number>): number => {
  const open = listed.find((uid) => !settled.has(uid))
  return open ?? Math.max(cursor, (listed.at(-1) ?? 0) + 1)
}
