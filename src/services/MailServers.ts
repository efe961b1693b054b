import { Context, Data, type DateTime, Duration, type Effect, type Redacted, type Scope, type Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Retry } from "../domain/Retry.ts"
import type { MailStructure } from "../mail/MailStructure.ts"

/** Who logs in with what, decrypted: for the moment of the connection only. */
export type Login =
  | { readonly _tag: "Password"; readonly user: string; readonly password: Redacted.Redacted<string> }
  | { readonly _tag: "AccessToken"; readonly user: string; readonly token: Redacted.Redacted<string> }

export interface MailTarget {
  readonly host: string
  readonly port: number
  readonly security: "tls" | "starttls"
  /** PEM of the authorities to go by instead of the system's. */
  readonly ca: string | null
  /** SHA-256 of the one certificate to accept, in hexadecimal. */
  readonly fingerprint: string | null
  readonly login: Login
}

/** A folder as the server shows it when it is opened. */
export interface OpenFolder {
  readonly uidValidity: bigint
  /** The UID that the next mail gets; servers have been seen to be wrong about it. */
  readonly uidNext: number
  readonly exists: number
}

/** What is known of a mail without its bodies. */
export interface MailOverview {
  readonly uid: number
  /** As the server says; not to be relied on. */
  readonly size: number
  readonly receivedAt: DateTime.Utc | null
  /** The header fields that were asked for, as they stand in the mail. */
  readonly headers: Uint8Array
  /** null where the server's answer could not be read. */
  readonly structure: MailStructure | null
}

/** A body section, or "" for the whole mail, from its beginning. */
export interface PartStart {
  /** Still in the part's transfer encoding. Fewer than were asked for: most likely all that there are. */
  readonly bytes: Uint8Array
  /** The part's own MIME header, where it has one; what a server makes of it in its structure loses some of it. */
  readonly header: Uint8Array
}

/** A part that cannot be had: it is not there any more, or it is larger than was asked for. */
export class PartError extends Data.TaggedError("PartError")<{ readonly reason: "gone" | "too-large" }> {}

export interface RestOptions {
  readonly from: number
  readonly size: number | null
  /** Of the whole section. */
  readonly maxBytes: number
}

export interface SectionPlace {
  readonly section: string
  readonly offset: number
}

/** A logged-in connection, closed with its scope. An operation that is interrupted or takes too long closes it at once. */
export interface MailSession {
  /** Reads only (EXAMINE) unless told otherwise. */
  readonly open: (folder: string, options: { readonly writable: boolean }) => Effect.Effect<OpenFolder, MailError>
  /** UIDs from `from` on, to `to` at most, ascending; `since` by the day on which the server received them, and a day more: whose day it is depends on the server's zone. */
  readonly list: (range: { readonly from: number; readonly to: number | null; readonly since: DateTime.Utc | null }) => Effect.Effect<ReadonlyArray<number>, MailError>
  /** Mails that are gone are left out. Nothing is marked as read. */
  readonly look: (uids: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<MailOverview>, MailError>
  /** The first `bytes` of a section; null where the mail or the part is not there any more. */
  readonly start: (uid: number, section: string, bytes: number) => Effect.Effect<PartStart | null, MailError>
  /**
   * The bytes of a section behind the first `from`, a window at a time: nothing more is asked for before it is wanted.
   * `size` is what the server said of it and decides nothing but whether a short answer is worth another question.
   */
  readonly rest: (uid: number, section: string, options: RestOptions) => Stream.Stream<Uint8Array, MailError | PartError>
  /** Which of these sections have a byte at their offset: sizes that a server says may be wrong. */
  readonly reaching: (uid: number, places: ReadonlyArray<SectionPlace>) => Effect.Effect<ReadonlySet<string>, MailError>
  readonly flag: (uid: number, flag: string) => Effect.Effect<void, MailError>
  readonly move: (uid: number, folder: string) => Effect.Effect<void, MailError>
  /** Ends when the server says that something has come (true), or after `atMost`. */
  readonly awaitMail: (atMost: Duration.Duration) => Effect.Effect<boolean, MailError>
  /** Bytes that have come from the server so far. */
  readonly received: Effect.Effect<number>
}

/** How far a connection came: for the admin who sets a mailbox up. */
export type ConnectStep = "dns" | "connect" | "tls" | "login" | "folder"

/**
 * IMAP servers of tenants. The host is a tenant's input: it is resolved once, each address is held against the address
 * guard, and only that address is dialled. Nothing is sent in the clear: TLS from the first byte, or STARTTLS that must
 * succeed, and the certificate is checked.
 */
export class MailServers extends Context.Service<MailServers, {
  readonly connect: (target: MailTarget) => Effect.Effect<MailSession, MailError, Scope.Scope>
}>()("tt-worker/services/MailServers") {}

export type MailReason = Data.TaggedEnum<{
  /** One reason and one sentence for every address that must not be dialled: the worker is no port scanner. */
  AddressRefused: {}
  PortRefused: { readonly port: number }
  HostUnknown: {}
  Unreachable: {}
  /** `problem` in plain words: the certificate has expired, is for another name … */
  TlsRefused: { readonly problem: string }
  PasswordRefused: {}
  TokenRefused: {}
  /** The provider takes no passwords any more. */
  NeedsOAuth: {}
  /** The sealed secret cannot be opened, or the operator has not set this provider up. */
  Unusable: { readonly problem: string }
  Throttled: { readonly after: Duration.Duration }
  FolderMissing: { readonly folder: string }
  Lost: {}
  Silent: { readonly after: Duration.Duration }
  /** NO or BAD to a command; `code` is the server's response code. */
  Refused: { readonly command: string; readonly code: string | null }
  /** An answer beyond the limits, or none that IMAP knows. */
  Unreadable: { readonly code: string }
}>
export const MailReason = Data.taggedEnum<MailReason>()

/** Why a mail server could not be used. Neither message nor sentence repeats what the server said or who logged in. */
export class MailError
  extends Data.TaggedError("MailError")<{ readonly host: string; readonly step: ConnectStep; readonly reason: MailReason; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `mail server ${this.host}: ${this.plainWords}`
  }
  get code(): string {
    return `mail-${codes[this.reason._tag]}`
  }
  get retry(): Retry {
    return MailReason.$match(this.reason, {
      AddressRefused: () => Retry.Permanent(),
      PortRefused: () => Retry.Permanent(),
      HostUnknown: () => Retry.Transient(),
      Unreachable: () => Retry.Transient(),
      TlsRefused: () => Retry.Permanent(),
      PasswordRefused: () => Retry.Permanent(),
      TokenRefused: () => Retry.Permanent(),
      NeedsOAuth: () => Retry.Permanent(),
      Unusable: () => Retry.Permanent(),
      Throttled: ({ after }) => Retry.RateLimited({ after }),
      FolderMissing: () => Retry.Permanent(),
      Lost: () => Retry.Transient(),
      Silent: () => Retry.Transient(),
      Refused: () => Retry.Transient(),
      Unreadable: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    const { host } = this
    return MailReason.$match(this.reason, {
      AddressRefused: () => `the host ${host} may not be used for mail`,
      PortRefused: ({ port }) => `port ${port} may not be used for mail: use 993 (TLS) or 143 (STARTTLS), or ask the operator`,
      HostUnknown: () => `the host name ${host} is not known`,
      Unreachable: () => `${host} cannot be reached`,
      TlsRefused: ({ problem }) => `no safe connection to ${host}: ${problem}`,
      PasswordRefused: () => `the password was refused by ${host}`,
      TokenRefused: () => `the sign-in was refused by ${host}; please sign in again`,
      NeedsOAuth: () => `${host} takes no passwords any more: this mailbox needs sign-in by OAuth`,
      Unusable: ({ problem }) => problem,
      Throttled: ({ after }) => `${host} asks for fewer connections; the sync goes on by itself in ${Duration.format(after)}`,
      FolderMissing: ({ folder }) => `${host} has no folder "${folder}"`,
      Lost: () => `the connection to ${host} broke off`,
      Silent: ({ after }) => `${host} did not answer for ${Duration.format(after)}`,
      Refused: ({ code, command }) => `${host} refused ${command}${code === null ? "" : ` (${code})`}`,
      Unreadable: ({ code }) => `${host} answered something that cannot be read (${code})`
    })
  }
}

const codes: Readonly<Record<MailReason["_tag"], string>> = {
  AddressRefused: "address-refused",
  PortRefused: "port-refused",
  HostUnknown: "host-unknown",
  Unreachable: "unreachable",
  TlsRefused: "tls-refused",
  PasswordRefused: "password-refused",
  TokenRefused: "token-refused",
  NeedsOAuth: "needs-oauth",
  Unusable: "credentials-unusable",
  Throttled: "throttled",
  FolderMissing: "folder-missing",
  Lost: "connection-lost",
  Silent: "silent",
  Refused: "refused",
  Unreadable: "unreadable"
}
