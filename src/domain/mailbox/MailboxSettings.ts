import { Effect, Redacted, Schema } from "effect"

/** Which of a tenant's mailboxes: the settings' own `id`, else its address and host. */
export const MailboxId = Schema.NonEmptyString.pipe(Schema.brand("MailboxId"))
export type MailboxId = typeof MailboxId.Type

const line = (most: number) =>
  Schema.String.check(
    Schema.makeFilter((text: string) => new RegExp(`^[^\\p{Cc}]{1,${most}}$`, "u").test(text) ? undefined : `expected 1 to ${most} characters on one line`)
  )

const HostName = Schema.String.check(
  Schema.makeFilter((text: string) =>
    /^[^\s\p{Cc}/\\@?#]{1,253}$/u.test(text) ? undefined : "expected a host name such as imap.example.com, without protocol or path"
  )
)

const fitsPort = Schema.makeFilter((port: number) => Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : "expected a port from 1 to 65535")
const Port = Schema.Union([Schema.Finite.check(fitsPort), Schema.NumberFromString.check(fitsPort)])

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Plain, or sealed as `enc:v1:<key id>:<base64url>` (docs/email-sync.md). */
const Secret = Schema.NonEmptyString.pipe(Schema.RedactedFromValue)

/** Sign-in with tokens. Client and token endpoint are the operator's: only his name for the provider stands here. */
const OAuth2 = Schema.Struct({
  provider: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]{0,39}$/)),
  refreshToken: Secret
})

const Trust = Schema.Struct({
  /** PEM; certificates that this mailbox's server may have been signed by, or its own. */
  ca: Schema.optionalKey(Schema.String.check(Schema.isPattern(/-----BEGIN CERTIFICATE-----/))),
  /** SHA-256 of the server's certificate, in hexadecimal, with or without colons. */
  fingerprint: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$/)))
})

const Limits = Schema.Struct({
  /** Most attachments that become invoices in 24 hours. */
  importsPerDay: Schema.optionalKey(between(1, 100_000)),
  /** And their bytes, in MiB. */
  mebibytesPerDay: Schema.optionalKey(between(1, 100_000)),
  /** Larger attachments are skipped, in MiB; never more than 20. */
  attachmentMebibytes: Schema.optionalKey(between(1, 20))
})

const Imported = Schema.Struct({
  /** A flag such as `\Seen` or `Imported`. */
  flag: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\\?[A-Za-z0-9_$.-]{1,50}$/))),
  /** A folder of the same mailbox that exists. */
  moveTo: Schema.optionalKey(line(200))
})

/** One mailbox as `tenants."emailSettings"` has it. Unknown keys are left alone. */
export const MailboxEntry = Schema.Struct({
  id: Schema.optionalKey(line(200)),
  email: line(320),
  host: HostName,
  port: Port.pipe(Schema.withDecodingDefaultKey(Effect.succeed(993))),
  /** TLS from the first byte, or STARTTLS, which then must succeed. By the port when left out: 143 is `starttls`. */
  security: Schema.optionalKey(Schema.Literals(["tls", "starttls"])),
  /** The address when left out. */
  user: Schema.optionalKey(line(320)),
  password: Schema.optionalKey(Secret),
  oauth2: Schema.optionalKey(OAuth2),
  tls: Schema.optionalKey(Trust),
  enabled: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  intervalMinutes: between(1, 1440).pipe(Schema.withDecodingDefaultKey(Effect.succeed(5))),
  folders: Schema.Array(line(200)).check(Schema.isMinLength(1), Schema.isMaxLength(20)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["INBOX"]))),
  /** How old a mail may be at the first sync. Mails that come later are always looked at. */
  lookBackDays: between(0, 3650).pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
  /** Addresses or `@domains`; everybody when left out or empty. */
  allowedSenders: Schema.Array(line(320)).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  limits: Limits.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** What happens to a mail whose attachments were imported; nothing when left out. */
  imported: Imported.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** Looks and reports what it would import, but imports nothing. */
  dryRun: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  /** Keeps a connection open and syncs when the server says that mail has come. */
  idle: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false)))
}).check(
  Schema.makeFilter((entry) => entry.password === undefined && entry.oauth2 === undefined ? "a password or oauth2 is needed" : undefined)
)
export type MailboxEntry = typeof MailboxEntry.Type

/** How the server is logged in to. Both when given: tokens first. */
export type Credentials =
  | { readonly _tag: "Password"; readonly password: Redacted.Redacted<string> }
  | { readonly _tag: "OAuth2"; readonly provider: string; readonly refreshToken: Redacted.Redacted<string> }

export interface Mailbox extends Omit<MailboxEntry, "id" | "user" | "password" | "oauth2" | "security"> {
  readonly id: MailboxId
  readonly user: string
  readonly security: "tls" | "starttls"
  readonly credentials: Credentials
}

/** An entry that cannot be used; it stays as it is. `place` says which one, counted from 1. */
export interface NotTakenOver {
  readonly place: number
  /** The address that it names, where it names one. */
  readonly email: string | null
  readonly problem: string
}

export const mailboxOf = (entry: MailboxEntry): Mailbox => {
  const { id, oauth2, password, security, user, ...rest } = entry
  return {
    ...rest,
    id: MailboxId.make(id ?? `${entry.email.toLowerCase()} at ${entry.host.toLowerCase()}`),
    user: user ?? entry.email,
    security: security ?? (entry.port === 143 ? "starttls" : "tls"),
    credentials: oauth2 === undefined ? { _tag: "Password", password: password ?? Redacted.make("") } : { _tag: "OAuth2", ...oauth2 }
  }
}

/**
 * What the host and the login are made of, as one line: when it changes, a pause after refused logins is over. It holds
 * secrets, so only its digest is kept.
 */
export const credentialsLine = ({ credentials, host, port, user }: Mailbox): string =>
  JSON.stringify([
    host.toLowerCase(),
    port,
    user,
    credentials._tag === "Password" ? Redacted.value(credentials.password) : [credentials.provider, Redacted.value(credentials.refreshToken)]
  ])
