import type { QueueTrouble } from "../../src/services/JobQueue.ts"

/** PostgreSQL's class 53, insufficient resources: the disk or the memory is full. Too many connections (53300) pass. */
const fullStates: ReadonlySet<string> = new Set(["53000", "53100", "53200", "54000"])
const sqlState = /^(?!08|57)[0-9A-Z]{5}$/

/**
 * What a queue's server meant by an error. Redis' own words begin with one in capitals: `OOM` when `maxmemory` is used up,
 * also where a script says it. What a network says, or a server that is going or coming, is no answer.
 */
export const troubleOf = (cause: unknown): QueueTrouble => {
  if (!(cause instanceof Error)) return "no-answer"
  if (/\bOOM command not allowed\b/.test(cause.message) || /^MISCONF\b/.test(cause.message)) return "full"
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : ""
  if (fullStates.has(code)) return "full"
  return cause.name === "ReplyError" && !/^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/.test(cause.message) || sqlState.test(code) ? "refused" : "no-answer"
}
