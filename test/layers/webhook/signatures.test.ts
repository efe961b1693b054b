import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as FastCheck from "fast-check"
import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto"
import { Webhook } from "standardwebhooks"
import { readSecret, signBody } from "../../../layers/webhook/signatures.ts"

const signWith = (secret: string, id: string, timestamp: number, body: string) =>
  signBody(Result.getOrThrow(readSecret(secret)), id, timestamp, Buffer.from(body, "utf8"))

/** A JSON body of any text, key and number; among them NUL, lone surrogates, emoji, escapes and line separators. */
const bodies = FastCheck.oneof(
  FastCheck.dictionary(FastCheck.string({ unit: "binary" }), FastCheck.jsonValue({ noUnicodeString: false })).map((value) => JSON.stringify(value)),
  FastCheck.constantFrom("{}", "{\"a\":\"\\u0000\"}", "{\"\\ud800\":\"\u2028\"}", "{ \"spaced\" : 1.0e3 }", "{\"b\":1,\"a\":2,\"b\":3}", `{"long":"${"\u{1f9fe}".repeat(20_000)}"}`)
)
const secrets = FastCheck.oneof(
  FastCheck.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`),
  FastCheck.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.startsWith("whsk_"))
)

describe("signatures", () => {
  it.each([
    ["whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, "{\"event_type\":\"ping\",\"data\":{\"success\":true}}", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="],
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="]
  ])("are the published ones of Standard Webhooks: %s", (secret, id, timestamp, body, expected) => {
    assert.strictEqual(signWith(secret, id, timestamp, body).standard, expected)
  })

  it("are the published one of GitHub, whose header has the same form", () => {
    assert.strictEqual(signWith("It's a Secret to Everybody", "x", 0, "Hello, World!").legacy, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
  })

  it("are what the official package computes, for any secret, id and body", () => {
    FastCheck.assert(FastCheck.property(secrets, FastCheck.uuid(), FastCheck.integer({ min: 0, max: 4_102_444_800 }), bodies, (secret, id, timestamp, body) => {
      const signed = signWith(secret, id, timestamp, body)
      const reference = secret.startsWith("whsec_") && Buffer.from(secret.slice(6), "base64").length > 0
        ? new Webhook(secret)
        : new Webhook(Buffer.from(secret, "utf8"), { format: "raw" })
      assert.strictEqual(signed.standard, reference.sign(id, new Date(timestamp * 1000), body))
      assert.strictEqual(signed.legacy, createHmac("sha256", Buffer.from(secret, "utf8")).update(Buffer.from(body, "utf8")).digest("hex"))
    }))
  })

  it("with a private key can be checked with its public key", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519")
    const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32)
    const open = publicKey.export({ format: "der", type: "spki" }).subarray(-32)
    for (const secret of [seed, Buffer.concat([seed, open])]) {
      const { standard } = signWith(`whsk_${secret.toString("base64")}`, "msg_1", 1614265330, "{\"a\":\"\u00e9\"}")
      const [version, signature = ""] = standard.split(",")
      assert.strictEqual(version, "v1a")
      const key = createPublicKey({ key: publicKey.export({ format: "der", type: "spki" }), format: "der", type: "spki" })
      assert.isTrue(verify(null, Buffer.from("msg_1.1614265330.{\"a\":\"\u00e9\"}", "utf8"), key, Buffer.from(signature, "base64")))
      assert.isFalse(verify(null, Buffer.from("msg_1.1614265330.{\"a\":\"e\"}", "utf8"), key, Buffer.from(signature, "base64")))
    }
  })
})
