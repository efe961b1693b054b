import { Redacted, Result } from "effect"
import { isMangled, percentEncode } from "./mangledUrl.ts"

/** Checks a Redis URL; what succeeds is host and port for messages, without user and password. */
export const parseRedisUrl = (secret: Redacted.Redacted<string>): Result.Result<string, string> => {
  const text = Redacted.value(secret)
  if (!URL.canParse(text)) return Result.fail("expected a URL such as redis://host:6379")
  const url = new URL(text)
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") return Result.fail("expected a URL that begins with redis:// or rediss://")
  if (isMangled(url)) return Result.fail(percentEncode)
  if (url.hostname === "") return Result.fail("the URL names no host")
  if (!/^(\/\d*)?$/.test(url.pathname)) return Result.fail("expected nothing or a database's number after the host")
  return Result.succeed(`${url.hostname}:${url.port === "" ? "6379" : url.port}`)
}
