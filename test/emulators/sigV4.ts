import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

export interface Account {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** RFC 3986, as Amazon's "Signature Version 4" asks for: what encodeURIComponent leaves is encoded as well. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

interface Claim {
  readonly accessKeyId: string
  readonly scope: string
  readonly time: string
  readonly signedHeaders: string
  readonly signature: string
  readonly payload: string
  readonly expires: number
}

const claimOf = (request: IncomingMessage, query: URLSearchParams): Claim | null => {
  if (query.has("X-Amz-Signature")) {
    const [accessKeyId = "", ...scope] = (query.get("X-Amz-Credential") ?? "").split("/")
    return {
      accessKeyId,
      scope: scope.join("/"),
      time: query.get("X-Amz-Date") ?? "",
      signedHeaders: query.get("X-Amz-SignedHeaders") ?? "",
      signature: query.get("X-Amz-Signature") ?? "",
      payload: "UNSIGNED-PAYLOAD",
      expires: Number(query.get("X-Amz-Expires"))
    }
  }
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(request.headers.authorization ?? "")
  if (match === null) return null
  const [, accessKeyId = "", scope = "", signedHeaders = "", signature = ""] = match
  const time = String(request.headers["x-amz-date"])
  return { accessKeyId, scope, time, signedHeaders, signature, payload: String(request.headers["x-amz-content-sha256"]), expires: 900 }
}

/**
 * What a real S3 server says of a request's signature: null where it is good, otherwise the error's code. Written
 * from Amazon's "Signature Version 4" pages and not with the SDK, so that the one is checked against the other.
 */
export const checkSignature = (request: IncomingMessage, account: Account): string | null => {
  const [path = "", search = ""] = (request.url ?? "").split("?")
  const query = new URLSearchParams(search)
  const claim = claimOf(request, query)
  if (claim === null) return "AccessDenied"
  if (claim.accessKeyId !== account.accessKeyId) return "InvalidAccessKeyId"
  const canonicalQuery = [...query].filter(([name]) => name !== "X-Amz-Signature").map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join("&")
  const canonicalHeaders = claim.signedHeaders.split(";").map((name) => `${name}:${String(request.headers[name] ?? "").trim()}\n`).join("")
  const canonical = [request.method, path, canonicalQuery, canonicalHeaders, claim.signedHeaders, claim.payload].join("\n")
  const toSign = ["AWS4-HMAC-SHA256", claim.time, claim.scope, sha256(canonical)].join("\n")
  const key = claim.scope.split("/").reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${account.secretAccessKey}`)
  const expected = hmac(key, toSign).toString("hex")
  if (claim.signature.length !== expected.length || !timingSafeEqual(Buffer.from(claim.signature), Buffer.from(expected))) return "SignatureDoesNotMatch"
  const signedAt = Date.parse(claim.time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
  return Date.now() <= signedAt + claim.expires * 1000 ? null : "AccessDenied"
}
