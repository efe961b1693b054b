import { Result } from "effect"
import type { Fault } from "./readVariables.ts"
import type { Values } from "./variables.ts"

/** A decision that may be none: then what is wrong, by variable. */
export type Choice<A> = Result.Result<A, ReadonlyArray<Fault>>
export const fault = (variable: string, problem: string): Choice<never> => Result.fail([{ variable, problem }])

/** In production nothing embedded or offline starts by itself. */
export const standIn = <A>(values: Values, choice: A, variable: string, byName: string): Choice<A> =>
  values.nodeEnv === "production"
    ? fault(variable, `is not set; with NODE_ENV=production set it, or choose the stand-in by name with ${byName}`)
    : Result.succeed(choice)

export const withoutSlash = (url: URL): string => url.toString().replace(/\/$/, "")
