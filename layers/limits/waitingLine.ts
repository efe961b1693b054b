/** No one is sent away for longer: by then the line may have dissolved. */
export const longestWait = 30_000

/**
 * Where the waiting ones of one key stand, as far as this process has sent them away: each is told to come back when
 * its turn may be, so that a thousand waiting jobs come back one after the other instead of all at once.
 */
export interface WaitingLine {
  /** When the last one was told to come back, in milliseconds of the clock. */
  readonly last: number
}
export const emptyLine: WaitingLine = { last: Number.NEGATIVE_INFINITY }

/**
 * The next one's pause in milliseconds: not before `earliest`, `spacing` after the one in front. Behind the end of
 * the line all are spread over its second half by `random` (0 to 1). A pause that the other side asked for is
 * kept whole, however long.
 */
export const joinLine = (
  line: WaitingLine,
  options: { readonly now: number; readonly earliest: number; readonly spacing: number; readonly random: number }
): readonly [pause: number, line: WaitingLine] => {
  const first = options.now + options.earliest
  const end = first + longestWait
  const turn = Math.max(first, line.last + options.spacing)
  return turn <= end
    ? [turn - options.now, { last: turn }]
    : [options.earliest + longestWait * (0.5 + options.random / 2), line]
}
