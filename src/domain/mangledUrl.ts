import { Result } from "effect"

const isEncoded = (part: string): boolean => Result.isSuccess(Result.try(() => decodeURIComponent(part)))

/**
 * Whether a URL was probably made by pasting a password with special characters into it: then a piece of the password
 * passes for a path or a parameter, and any message about it would tell.
 */
export const isMangled = (url: URL): boolean =>
  url.hash !== "" || `${url.pathname}${url.search}`.includes("@") || ![url.username, url.password, url.pathname].every(isEncoded)

/** What is to be done about a mangled URL. */
export const percentEncode = "its user, password and parameters must be percent-encoded (% as %25, @ as %40, # as %23, / as %2F, ? as %3F)"
