import { Option, type Redacted } from "effect"

/** What somebody may do in the console: look, or change things as well. */
export type Role = "view" | "operate"

/** Somebody who looks after the workers; `name` goes on record with what is done. */
export interface Operator {
  readonly name: string
  readonly role: Role
}

export interface OperatorToken extends Operator {
  readonly token: Redacted.Redacted<string>
}

const roles: Readonly<Record<string, Role>> = { view: "view", operate: "operate" }

/** One of `OPS_TOKENS`: `name:role:token`; none where it is not of that form. */
export const parseNamedToken = (text: string): Option.Option<{ readonly name: string; readonly role: Role; readonly token: string }> => {
  const [name = "", role = "", ...rest] = text.trim().split(":")
  const token = rest.join(":")
  const known = roles[role]
  return known === undefined || !/^[\w.@-]{1,64}$/.test(name) || token.length < 16 ? Option.none() : Option.some({ name, role: known, token })
}
