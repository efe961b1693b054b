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

/** What the server said, where it was the server that spoke; its primary message carries no values of rows. */
export const serverMessageOf = (error: SqlError): string =>
  sqlStateOf(error) !== null && error.reason.cause instanceof Error ? error.reason.cause.message : error.message
