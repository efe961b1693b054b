import { Effect, Layer, Redacted } from "effect"
import * as Aead from "effect/crypto/Aead"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { sealedPrefix, SealedSecrets, SecretError, type SecretPlace } from "../../src/services/SealedSecrets.ts"

/** A key of the operator's: 32 bytes. */
export interface SealingKey {
  readonly id: string
  readonly bytes: Redacted.Redacted<Uint8Array>
}

const nonceBytes = 12

/** Bound to what it is for: the same ciphertext is no good anywhere else. */
const bindingOf = ({ mailboxId, tenantId }: SecretPlace): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(["tt-worker/mail", tenantId, mailboxId]))

const isSealed = (text: string): boolean => text.startsWith(sealedPrefix)
const keyIdOf = (text: string): string => text.slice(sealedPrefix.length).split(":", 1)[0] ?? ""

/** `SealedSecrets` by WebCrypto. The first key is the current one. */
export const layer = (keys: ReadonlyArray<SealingKey>): Layer.Layer<SealedSecrets> =>
  Layer.effect(
    SealedSecrets,
    Effect.gen(function*() {
      const aead = yield* Aead.Aead
      const random = yield* SecureRandom.SecureRandom
      const imported = yield* Effect.forEach(keys, ({ bytes, id }) => Effect.map(Aead.key(Aead.aes256Gcm, Redacted.value(bytes)), (key) => ({ id, key })))
      const [current] = imported

      const open = Effect.fnUntraced(function*(secret: Redacted.Redacted<string>, place: SecretPlace) {
        const text = Redacted.value(secret)
        if (!isSealed(text)) return secret
        const keyId = keyIdOf(text)
        const found = imported.find(({ id }) => id === keyId)
        if (found === undefined) return yield* new SecretError({ reason: "key-missing", keyId })
        const bytes = Buffer.from(text.slice(sealedPrefix.length + keyId.length + 1), "base64url")
        const plain = yield* aead.decrypt(found.key, bytes.subarray(nonceBytes), { nonce: bytes.subarray(0, nonceBytes), aad: bindingOf(place) }).pipe(
          Effect.mapError(() => new SecretError({ reason: "damaged", keyId }))
        )
        return Redacted.make(new TextDecoder().decode(plain))
      })

      const seal = Effect.fnUntraced(function*(secret: Redacted.Redacted<string>, place: SecretPlace) {
        if (current === undefined) return secret
        const plain = yield* open(secret, place)
        const nonce = yield* random.randomBytes(nonceBytes).pipe(Effect.orDie)
        const sealed = yield* aead.encrypt(current.key, new TextEncoder().encode(Redacted.value(plain)), { nonce, aad: bindingOf(place) }).pipe(Effect.orDie)
        return Redacted.make(`${sealedPrefix}${current.id}:${Buffer.concat([nonce, sealed]).toString("base64url")}`)
      })

      return SealedSecrets.of({
        open: Effect.fn("SealedSecrets.open")(open),
        seal: Effect.fn("SealedSecrets.seal")(seal),
        isStale: (secret) => current !== undefined && (!isSealed(Redacted.value(secret)) || keyIdOf(Redacted.value(secret)) !== current.id)
      })
    })
  ).pipe(Layer.provide(Layer.provideMerge(Aead.layerWebCrypto, SecureRandom.layerWebCrypto)), Layer.orDie)
