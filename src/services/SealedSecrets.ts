import { Context, Data, type Effect, type Redacted } from "effect"

/** What a secret is bound to: a ciphertext copied to another place does not open there. */
export interface SecretPlace {
  readonly tenantId: string
  readonly mailboxId: string
}

/**
 * Secrets at rest: AES-256-GCM with the operator's keys, as `enc:v1:<key id>:<base64url of nonce, ciphertext and tag>`.
 * The first key seals, all of them open. Text without the prefix is plain: settings from before keys were set.
 */
export class SealedSecrets extends Context.Service<SealedSecrets, {
  readonly open: (text: Redacted.Redacted<string>, place: SecretPlace) => Effect.Effect<Redacted.Redacted<string>, SecretError>
  /** As it is where the operator has set no key. */
  readonly seal: (text: Redacted.Redacted<string>, place: SecretPlace) => Effect.Effect<Redacted.Redacted<string>, SecretError>
  /** Whether it should be sealed anew: it is plain, or under a key that is not the first. Never where no key is set. */
  readonly isStale: (text: Redacted.Redacted<string>) => boolean
}>()("tt-worker/services/SealedSecrets") {}

export const sealedPrefix = "enc:v1:"

/** `key-missing`: the operator has no key of that id. `damaged`: changed, cut, or sealed for another tenant or mailbox. */
export class SecretError extends Data.TaggedError("SecretError")<{ readonly reason: "key-missing" | "damaged"; readonly keyId: string }> {
  override get message(): string {
    return this.reason === "key-missing"
      ? `a secret is sealed with key "${this.keyId}", which MAIL_KEYS does not have`
      : `a secret under key "${this.keyId}" does not open: it was changed, or belongs to another tenant or mailbox`
  }
}
