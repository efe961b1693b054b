import { Result } from "effect"
import { createHmac, createPrivateKey, createSecretKey, type KeyObject, sign } from "node:crypto"

/**
 * What a secret signs with. `key` is as Standard Webhooks says; `legacy` is the stored text, by its bytes in UTF-8. A key
 * object, not bytes: Node makes one of bytes for each signature, which takes as long as all the rest of a delivery.
 */
export interface Signer {
  readonly _tag: "Symmetric" | "Asymmetric"
  readonly key: KeyObject | string
  readonly legacy: string
}

const symmetricPrefix = "whsec_"
const privatePrefix = "whsk_"
/** PKCS #8 around a bare Ed25519 seed (RFC 8410). */
const pkcs8Ed25519 = Buffer.from("302e020100300506032b657004220420", "hex")
const base64 = /^[A-Za-z0-9+\/_-]+={0,2}$/

const decodeBase64 = (text: string): Buffer | null => base64.test(text) ? Buffer.from(text, "base64") : null

/**
 * Reads a stored secret. `whsk_…` is an Ed25519 private key (32 bytes of seed, or 64 with the public key), `whsec_…` the
 * base64 of a symmetric key, anything else is taken by its bytes in UTF-8. Fails where a private key cannot be read: the
 * delivery must then not go out without that signature.
 */
export const readSecret = (secret: string): Result.Result<Signer, "unusable"> => {
  const legacy = secret.toWellFormed()
  if (secret.startsWith(privatePrefix)) {
    const bytes = decodeBase64(secret.slice(privatePrefix.length))
    if (bytes === null || (bytes.length !== 32 && bytes.length !== 64)) return Result.fail("unusable")
    return Result.try({
      try: (): Signer => ({
        _tag: "Asymmetric",
        key: createPrivateKey({ key: Buffer.concat([pkcs8Ed25519, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" }),
        legacy
      }),
      catch: () => "unusable" as const
    })
  }
  const decoded = secret.startsWith(symmetricPrefix) ? decodeBase64(secret.slice(symmetricPrefix.length)) : null
  return legacy === "" ? Result.fail("unusable") : Result.succeed({ _tag: "Symmetric", key: decoded === null || decoded.length === 0 ? legacy : createSecretKey(decoded), legacy })
}

/** So many secrets are kept ready to sign; the one that was read first makes room. */
const mostReady = 1_000

/** `readSecret`, once for each secret. */
export const makeSecretReader = (): typeof readSecret => {
  const ready = new Map<string, ReturnType<typeof readSecret>>()
  return (secret) => {
    const known = ready.get(secret)
    if (known !== undefined) return known
    const read = readSecret(secret)
    if (ready.size >= mostReady) for (const [oldest] of [...ready].slice(0, 1)) ready.delete(oldest)
    ready.set(secret, read)
    return read
  }
}

export interface Signed {
  /** Hex, over the body alone. */
  readonly legacy: string
  /** `v1,…` or `v1a,…`, over id, time and body. */
  readonly standard: string
}

/** Signs as of `timestamp` (seconds since the epoch). */
export const signBody = (signer: Signer, messageId: string, timestamp: number, body: Buffer): Signed => {
  const content = Buffer.concat([Buffer.from(`${messageId}.${timestamp}.`, "utf8"), body])
  return {
    legacy: createHmac("sha256", signer.legacy).update(body).digest("hex"),
    standard: signer._tag === "Symmetric"
      ? `v1,${createHmac("sha256", signer.key).update(content).digest("base64")}`
      : `v1a,${sign(null, content, signer.key).toString("base64")}`
  }
}
