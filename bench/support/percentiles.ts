/** Of figures in milliseconds. */
export const percentiles = (figures: ReadonlyArray<number>): string => {
  const sorted = [...figures].sort((one, other) => one - other)
  const at = (part: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms (${figures.length})`
}
