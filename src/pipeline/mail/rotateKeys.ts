import { Effect, Predicate, Redacted, Result, Schema } from "effect"
import type { TenantId } from "../../domain/ids.ts"
import { MailboxEntry, mailboxOf } from "../../domain/mailbox/MailboxSettings.ts"
import { SealedSecrets, sealedPrefix, type SecretError } from "../../services/SealedSecrets.ts"
import { StoredMailSecrets } from "../../services/StoredMailSecrets.ts"

const atOnce = 500
const decodeEntry = Schema.decodeUnknownResult(MailboxEntry)

export interface RotateOptions {
  /** Seal what is plain as well; without it only what is sealed under an older key is sealed anew. */
  readonly plain: boolean
}

export interface Rotated {
  readonly sealed: number
  /** Could not be opened, or were changed by somebody at that moment: to be looked at, or to be run again. */
  readonly left: number
}

/** Seals every stored mail password and token under the first key. Run again, it changes nothing. */
export const rotateKeys = Effect.fn("MailPipeline.rotateKeys")(function*({ plain }: RotateOptions) {
  const secrets = yield* SealedSecrets
  const store = yield* StoredMailSecrets
  const count = { sealed: 0, left: 0 }

  const isWanted = (text: string) => secrets.isStale(Redacted.make(text)) && (plain || text.startsWith(sealedPrefix))
  const reseal = (text: string, tenantId: TenantId, mailboxId: string): Effect.Effect<string | null, SecretError> =>
    isWanted(text) ? Effect.map(secrets.seal(Redacted.make(text), { tenantId, mailboxId }), Redacted.value) : Effect.succeed(null)

  /** The same entry with its secrets sealed anew, and how many they were; everything else stays as it is. */
  const resealEntry = Effect.fnUntraced(function*(entry: unknown, tenantId: TenantId) {
    const decoded = decodeEntry(entry)
    if (Result.isFailure(decoded) || !Predicate.isObject(entry)) return { entry, sealed: 0 }
    const { id } = mailboxOf(decoded.success)
    const { oauth2, password } = decoded.success
    const newPassword = password === undefined ? null : yield* reseal(Redacted.value(password), tenantId, id)
    const newToken = oauth2 === undefined ? null : yield* reseal(Redacted.value(oauth2.refreshToken), tenantId, id)
    return {
      entry: {
        ...entry,
        ...(newPassword === null ? {} : { password: newPassword }),
        ...(newToken === null || !("oauth2" in entry) || !Predicate.isObject(entry.oauth2) ? {} : { oauth2: { ...entry.oauth2, refreshToken: newToken } })
      },
      sealed: (newPassword === null ? 0 : 1) + (newToken === null ? 0 : 1)
    }
  })

  const rotateTenant = Effect.fnUntraced(function*(tenantId: TenantId) {
    const { settings, tokens } = yield* store.read(tenantId)
    for (const { mailboxId, stored } of tokens) {
      const token = yield* reseal(Redacted.value(stored), tenantId, mailboxId)
      if (token === null) continue
      if (yield* store.replaceToken(tenantId, mailboxId, stored, Redacted.make(token))) count.sealed++
      else count.left++
    }
    const value = Redacted.value(settings)
    const entries = Array.isArray(value) ? value : [value]
    const renewed = yield* Effect.forEach(entries, (entry) => resealEntry(entry, tenantId))
    const sealed = renewed.reduce((sum, one) => sum + one.sealed, 0)
    if (sealed === 0) return
    const after = renewed.map(({ entry }) => entry)
    if (yield* store.replaceSettings(tenantId, settings, Redacted.make(Array.isArray(value) ? after : after[0]))) count.sealed += sealed
    else count.left += sealed
  })

  let last: TenantId | null = null
  for (;;) {
    const tenants: ReadonlyArray<TenantId> = yield* store.tenants(last, atOnce)
    for (const tenantId of tenants) {
      yield* rotateTenant(tenantId).pipe(
        Effect.catchTag("SecretError", (error) => {
          count.left++
          return Effect.logWarning(`tenant ${tenantId}: ${error.message}`)
        })
      )
    }
    last = tenants.at(-1) ?? null
    if (tenants.length < atOnce) return { ...count } satisfies Rotated
  }
})
