import type { SqlError } from "effect/sql/SqlError"

const codeOf = (value: unknown): string | null =>
  typeof value === "object" && value !== null && "code" in value && typeof value.code === "string" ? value.code : null

/** The five-character SQLSTATE that the server gave, where it gave one (PostgreSQL documentation, appendix A). */
export const sqlStateOf = (error: SqlError): string | null => {
  const code = codeOf(error.reason.cause) ?? codeOf(error.cause)
  return code !== null && /^[0-9A-Z]{5}$/.test(code) ? code : null
}

/**
 * Whether the database's shape or our data is to blame (trying again is no use), rather than its availability:
 * class 22 data exception, 23 constraint, 42 syntax or missing table, column or permission, 3D/3F no such database
 * or schema.
 */
export const isMisfit = (error: SqlError): boolean => {
  const state = sqlStateOf(error)
  return state !== null && ["22", "23", "42", "3D", "3F"].includes(state.slice(0, 2))
}

/** Used by this project's own functions, whose words are meant for operators: invalid parameter, untranslatable character. */
const ofOurFunctions: ReadonlySet<string> = new Set(["22023", "22P05"])

/**
 * What the server said, where it was the server that spoke, without values: what does not fit its type is quoted behind a
 * colon ("invalid input syntax for type date: …", class 22), and what functions and triggers raise (class P0, and states of
 * their own) may be anything, a whole row included.
 */
export const serverMessageOf = (error: SqlError): string => {
  const state = sqlStateOf(error)
  const cause = error.reason.cause
  if (state === null || !(cause instanceof Error)) return error.message
  if (state.startsWith("22") && !ofOurFunctions.has(state)) return cause.message.split(/[:"]/, 1)[0]?.trimEnd() ?? ""
  return /^(0[1-9A]|[1-5]|F0|HV|XX)/.test(state) ? cause.message : `a function or trigger of the database refused it (SQLSTATE ${state})`
}
