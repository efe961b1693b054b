import { Cause, Predicate } from "effect"

/** Enough for a chain of several supervisors; a page of somebody's HTML is cut. */
const longest = 1000

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

const nameOf = (thing: object): string =>
  Predicate.hasProperty(thing, "_tag") && typeof thing._tag === "string" ? thing._tag : thing instanceof Error ? thing.name : "an object"

const told = (thing: unknown): string => {
  if (!Predicate.isObject(thing)) return oneLine(String(thing)) || "an empty text"
  const message = Predicate.hasProperty(thing, "message") && typeof thing.message === "string" ? oneLine(thing.message) : ""
  return message === "" ? nameOf(thing) : message
}

/** Why something ended, in one line: the first failure; else the first defect, named as one; else an interruption. */
export const reasonInWords = (cause: Cause.Cause<unknown>): string => {
  const failure = cause.reasons.find(Cause.isFailReason)
  if (failure !== undefined) return told(failure.error)
  const die = cause.reasons.find(Cause.isDieReason)
  if (die === undefined) return "interrupted from inside"
  return die.defect instanceof Error ? `unexpected ${die.defect.name}: ${told(die.defect)}` : `unexpected: ${told(die.defect)}`
}
