import { createHmac, timingSafeEqual } from "node:crypto"
import { Option } from "effect"
import type { StorageKey } from "../../src/domain/ids.ts"
import { toUrlPath } from "./objectKey.ts"

const signatureOf = (secret: Uint8Array, key: string, expires: string): Buffer =>
  createHmac("sha256", secret).update(`GET\n${key}\n${expires}`).digest()

/** Path and query that read this key until `expires` (milliseconds since 1970). */
export const signPath = (secret: Uint8Array, key: StorageKey, expires: number): string =>
  `/${toUrlPath(key)}?expires=${expires}&signature=${signatureOf(secret, key, String(expires)).toString("hex")}`

const decodeSegment = Option.liftThrowable(decodeURIComponent)

/** The key that a request's target may read now; none where the signature is not ours or its time is over. */
export const verifyPath = (secret: Uint8Array, target: string, now: number): Option.Option<string> => {
  const match = /^\/([^?]+)\?expires=(\d{1,15})&signature=([0-9a-f]{64})$/.exec(target)
  if (match === null) return Option.none()
  const [, path = "", expires = "", signature = ""] = match
  return Option.all(path.split("/").map((segment) => decodeSegment(segment))).pipe(
    Option.map((segments) => segments.join("/")),
    Option.filter((key) => timingSafeEqual(Buffer.from(signature, "hex"), signatureOf(secret, key, expires))),
    Option.filter(() => now < Number(expires))
  )
}
