import { emptyLine, joinLine, type WaitingLine } from "./waitingLine.ts"

/** Before anything has been seen to end, work is taken to last this long. */
const assumedStay = 1_000
/** Above so many keys, those with nothing to remember are dropped. */
const roomy = 1_000

interface LocalKey {
  /** At work in this process. */
  busy: number
  line: WaitingLine
  /** How long work lasts in milliseconds, the latest counting for a fifth. */
  stay: number
}

/** What this process itself knows of each key: bounds it while the shared store is away, and spreads its waiting ones. */
export const makeLocalKeys = () => {
  const keys = new Map<string, LocalKey>()

  const dropIdle = (now: number): void => {
    for (const [key, { busy, line }] of keys) if (busy === 0 && line.last < now) keys.delete(key)
  }
  const at = (key: string, now: number): LocalKey => {
    const known = keys.get(key)
    if (known !== undefined) return known
    if (keys.size >= roomy) dropIdle(now)
    const made = { busy: 0, line: emptyLine, stay: assumedStay }
    keys.set(key, made)
    return made
  }

  return {
    /** Takes one of this process's own places, if fewer than `limit` are taken. */
    enter: (key: string, limit: number, now: number): boolean => {
      const local = at(key, now)
      if (local.busy >= limit) return false
      local.busy++
      return true
    },
    /** Gives it back; `stayed` in milliseconds where work was done. */
    leave: (key: string, now: number, stayed: number | null): void => {
      const local = at(key, now)
      local.busy--
      if (stayed !== null) local.stay += (stayed - local.stay) / 5
    },
    /** How often a place comes free where `limit` are at work, in milliseconds. */
    turnover: (key: string, limit: number, now: number): number => Math.max(1, at(key, now).stay / limit),
    /** Sends one away: for how long, in milliseconds. */
    sendAway: (key: string, options: { readonly now: number; readonly earliest: number; readonly spacing: number; readonly random: number }): number => {
      const local = at(key, options.now)
      const [pause, line] = joinLine(local.line, options)
      local.line = line
      return pause
    },
    size: (): number => keys.size
  }
}
