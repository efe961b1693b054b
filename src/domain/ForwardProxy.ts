import { Redacted, Result } from "effect"

/** The operator's forward proxy. */
export interface ForwardProxy {
  readonly host: string
  readonly port: number
  /** The value of `Proxy-Authorization`; null where it asks for none. */
  readonly authorization: Redacted.Redacted<string> | null
}

/** Reads `http://user:password@host:port`; a failure says what is wrong, without quoting it. */
export const parseForwardProxy = (text: Redacted.Redacted<string>): Result.Result<ForwardProxy, string> => {
  const url = URL.parse(Redacted.value(text))
  if (url === null || url.protocol !== "http:" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return Result.fail("is not http://host:port or http://user:password@host:port")
  }
  return Result.mapBoth(Result.try(() => `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`), {
    onFailure: () => "has a user or password that is not percent-encoded",
    onSuccess: (credentials) => ({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 80 : Number(url.port),
      authorization: credentials === ":" ? null : Redacted.make(`Basic ${base64(credentials)}`)
    })
  })
}

const base64 = (text: string): string => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
