import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createCipheriv, randomBytes } from "node:crypto"
import * as AesSealedSecrets from "../../../layers/secrets/AesSealedSecrets.ts"
import { SealedSecrets } from "../../../src/services/SealedSecrets.ts"
import { testKey } from "../../support/mailServices.ts"

const place = { tenantId: "t1", mailboxId: "m1" }
const secret = Redacted.make("Grüße, пароль")
const withKeys = (...ids: ReadonlyArray<string>) => <A, E>(effect: Effect.Effect<A, E, SealedSecrets>) => Effect.provide(effect, AesSealedSecrets.layer(ids.map(testKey)))
const sealed = SealedSecrets.use(({ seal }) => seal(secret, place))
const open = (text: Redacted.Redacted<string>, at = place) => SealedSecrets.use(({ open }) => open(text, at))

describe("a sealed secret", () => {
  it.effect("opens for the tenant and mailbox that it was sealed for, and for nobody else", () =>
    Effect.gen(function*() {
      const text = yield* sealed
      assert.match(Redacted.value(text), /^enc:v1:k1:[A-Za-z0-9_-]+$/)
      assert.notStrictEqual(Redacted.value(text), Redacted.value(yield* sealed))
      assert.strictEqual(Redacted.value(yield* open(text)), Redacted.value(secret))
      for (const other of [{ tenantId: "t2", mailboxId: "m1" }, { tenantId: "t1", mailboxId: "m2" }, { tenantId: "t1m1", mailboxId: "" }]) {
        assert.strictEqual((yield* Effect.flip(open(text, other))).reason, "damaged")
      }
    }).pipe(withKeys("k1")))

  it.effect("may be sealed by an API in six lines of Node, as docs/email-sync.md shows", () =>
    Effect.gen(function*() {
      const key = Redacted.value(testKey("k1").bytes)
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", key, nonce)
      cipher.setAAD(Buffer.from(JSON.stringify(["tt-worker/mail", "t1", "m1"])))
      const bytes = Buffer.concat([nonce, cipher.update("mot de passe"), cipher.final(), cipher.getAuthTag()])
      assert.strictEqual(Redacted.value(yield* open(Redacted.make(`enc:v1:k1:${bytes.toString("base64url")}`))), "mot de passe")
    }).pipe(withKeys("k1")))

  it.effect("does not open when a character of it was changed or its key is gone", () =>
    Effect.gen(function*() {
      const text = Redacted.value(yield* sealed.pipe(withKeys("k1")))
      // In the middle: the last one may carry bits that stand for nothing.
      const changed = Redacted.make(text.slice(0, 20) + (text[20] === "A" ? "B" : "A") + text.slice(21))
      assert.strictEqual((yield* Effect.flip(open(changed).pipe(withKeys("k1")))).reason, "damaged")
      assert.strictEqual((yield* Effect.flip(open(Redacted.make(text)).pipe(withKeys("k2")))).reason, "key-missing")
      assert.strictEqual((yield* Effect.flip(open(Redacted.make("enc:v1:k1:AAAA")).pipe(withKeys("k1")))).reason, "damaged")
    }))

  it.effect("under an older key still opens, and is known to be stale", () =>
    Effect.gen(function*() {
      const text = yield* sealed.pipe(withKeys("k1"))
      yield* Effect.gen(function*() {
        const secrets = yield* SealedSecrets
        assert.isTrue(secrets.isStale(text))
        assert.strictEqual(Redacted.value(yield* secrets.open(text, place)), Redacted.value(secret))
        const anew = yield* secrets.seal(text, place)
        assert.match(Redacted.value(anew), /^enc:v1:k2:/)
        assert.isFalse(secrets.isStale(anew))
      }).pipe(withKeys("k2", "k1"))
    }))

  it.effect("is plain where the operator has set no key, as before", () =>
    Effect.gen(function*() {
      const secrets = yield* SealedSecrets
      assert.strictEqual(Redacted.value(yield* secrets.seal(secret, place)), Redacted.value(secret))
      assert.isFalse(secrets.isStale(secret))
    }).pipe(withKeys()))
})
