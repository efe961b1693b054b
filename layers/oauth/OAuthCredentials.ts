import { Clock, Duration, Effect, Layer, Predicate, Redacted, Schema } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { TenantId } from "../../src/domain/ids.ts"
import type { Mailbox } from "../../src/domain/mailbox/MailboxSettings.ts"
import { type MailboxClaim, Mailboxes, type MailboxesError, type MailboxState } from "../../src/services/Mailboxes.ts"
import { MailCredentials } from "../../src/services/MailCredentials.ts"
import { type Login, MailError, MailReason } from "../../src/services/MailServers.ts"
import { SealedSecrets } from "../../src/services/SealedSecrets.ts"

/** A provider as the operator has registered with it; a tenant only names it. */
export interface OAuthProvider {
  /** "google", "microsoft", or a name of the operator's own. */
  readonly name: string
  readonly tokenUrl: URL
  readonly clientId: string
  /** null for a public client. */
  readonly clientSecret: Redacted.Redacted<string> | null
}

const Answer = Schema.Struct({
  access_token: Schema.String,
  expires_in: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.NumberFromString])),
  refresh_token: Schema.optionalKey(Schema.String)
})
const decodeAnswer = Schema.decodeUnknownEffect(Answer)

const requestLimit = Duration.seconds(20)
/** Tokens are renewed this long before they end, so that none ends in the middle of a login. */
const margin = Duration.seconds(120)
/** Where the provider does not say (RFC 6749 leaves it open). */
const usualLife = 3_600
/** The provider is busy or away: Retry-After is not given for tokens by either of the two. */
const busyPause = Duration.minutes(2)

/** Errors that a new sign-in mends (RFC 6749, 5.2; Microsoft's "interaction_required"). */
const signInErrors = new Set(["invalid_grant", "interaction_required", "consent_required", "login_required"])

/** `MailCredentials`: passwords are opened, refresh tokens exchanged at the operator's endpoint. */
export const layer = (providers: ReadonlyArray<OAuthProvider>): Layer.Layer<MailCredentials, never, SealedSecrets | Mailboxes | Digest.Digest> =>
  Layer.effect(
    MailCredentials,
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const secrets = yield* SealedSecrets
      const mailboxes = yield* Mailboxes
      const digest = yield* Digest.Digest
      const tokens = new Map<string, { readonly token: Redacted.Redacted<string>; readonly madeFrom: string; readonly until: number }>()

      const unusable = (mailbox: Mailbox, problem: string) => new MailError({ host: mailbox.host, step: "login", reason: MailReason.Unusable({ problem }) })
      const open = (text: Redacted.Redacted<string>, tenantId: TenantId, mailbox: Mailbox) =>
        secrets.open(text, { tenantId, mailboxId: mailbox.id }).pipe(
          Effect.tapError((error) => Effect.logWarning(`a mailbox's login cannot be opened: ${error.message}`)),
          Effect.mapError(() => unusable(mailbox, "the stored login of this mailbox cannot be opened; please enter it again"))
        )

      const exchange = Effect.fn("MailCredentials.exchange")(function*(provider: OAuthProvider, mailbox: Mailbox, refreshToken: Redacted.Redacted<string>) {
        const failed = (reason: MailReason) => new MailError({ host: mailbox.host, step: "login", reason })
        const busy = failed(MailReason.Throttled({ after: busyPause }))
        const request = HttpClientRequest.post(provider.tokenUrl).pipe(
          HttpClientRequest.bodyUrlParams({
            grant_type: "refresh_token",
            refresh_token: Redacted.value(refreshToken),
            client_id: provider.clientId,
            ...(provider.clientSecret === null ? {} : { client_secret: Redacted.value(provider.clientSecret) })
          })
        )
        const { body, status } = yield* HttpClient.withScope(client).execute(request).pipe(
          Effect.flatMap((response) => Effect.map(Effect.orElseSucceed(response.json, () => null), (body: unknown) => ({ status: response.status, body }))),
          Effect.mapError(() => busy),
          Effect.timeoutOrElse({ duration: requestLimit, orElse: () => Effect.fail(busy) }),
          Effect.scoped,
          // Its span would carry the token endpoint with our trace headers, and nothing more.
          Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
        )
        if (status === 200) return yield* decodeAnswer(body).pipe(Effect.mapError(() => busy))
        if (status === 429 || status >= 500) return yield* busy
        const code = Predicate.isObject(body) && "error" in body && typeof body.error === "string" ? body.error : ""
        if (signInErrors.has(code)) return yield* failed(MailReason.TokenRefused())
        yield* Effect.logWarning(`the token endpoint of ${provider.name} refused our client: ${status} ${/^[a-z_]{3,40}$/.test(code) ? code : ""}`)
        return yield* failed(MailReason.Unusable({ problem: `the sign-in with ${provider.name} does not work because of a fault on our side; please tell the support` }))
      })

      const accessToken = Effect.fnUntraced(function*(
        tenantId: TenantId,
        mailbox: Mailbox,
        provider: OAuthProvider,
        seed: Redacted.Redacted<string>,
        held: { readonly claim: MailboxClaim; readonly state: MailboxState } | null
      ) {
        const key = `${tenantId}\n${mailbox.id}`
        const madeFrom = yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(Redacted.value(seed))).pipe(Effect.orDie)
        const now = yield* Clock.currentTimeMillis
        const known = tokens.get(key)
        if (known !== undefined && known.madeFrom === madeFrom && known.until > now) return known.token
        // A token that was rotated counts for as long as the settings hold the one it was made from.
        const rotated = held?.state.refreshToken
        const stored = rotated !== undefined && rotated !== null && rotated.madeFrom === madeFrom ? Redacted.make(rotated.stored) : null
        const refreshToken = stored === null ? seed : yield* open(stored, tenantId, mailbox)
        const answer = yield* exchange(provider, mailbox, refreshToken)
        const token = Redacted.make(answer.access_token)
        if (answer.refresh_token !== undefined && answer.refresh_token !== Redacted.value(refreshToken) && held !== null) {
          const sealed = yield* secrets.seal(Redacted.make(answer.refresh_token), { tenantId, mailboxId: mailbox.id }).pipe(Effect.orDie)
          yield* mailboxes.keepRefreshToken(held.claim, sealed, madeFrom)
        }
        const life = Math.max(0, (answer.expires_in ?? usualLife) * 1000 - Duration.toMillis(margin))
        tokens.set(key, { token, madeFrom, until: now + life })
        return token
      })

      return MailCredentials.of({
        login: Effect.fn("MailCredentials.login")(function*(tenantId, mailbox, held): Effect.fn.Return<Login, MailError | MailboxesError> {
          const { credentials, user } = mailbox
          if (credentials._tag === "Password") return { _tag: "Password", user, password: yield* open(credentials.password, tenantId, mailbox) }
          const provider = providers.find(({ name }) => name === credentials.provider)
          if (provider === undefined) return yield* unusable(mailbox, `sign-in with "${credentials.provider}" is not set up here; please tell the support`)
          const seed = yield* open(credentials.refreshToken, tenantId, mailbox)
          return { _tag: "AccessToken", user, token: yield* accessToken(tenantId, mailbox, provider, seed, held) }
        }),
        forget: (tenantId, mailbox) => Effect.sync(() => void tokens.delete(`${tenantId}\n${mailbox.id}`))
      })
    })
  ).pipe(Layer.provide(FetchHttpClient.layer.pipe(
    // A redirection would carry the refresh token to a host that nobody chose.
    Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))
  )))
