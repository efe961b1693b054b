import { Predicate, Redacted, Result, Schema } from "effect"
import { describeSchemaError } from "../describeSchemaError.ts"
import { type Mailbox, MailboxEntry, mailboxOf, type NotTakenOver } from "./MailboxSettings.ts"

/** The whole of `tenants."emailSettings"`: nothing, one mailbox or a list. */
export const EmailSettings = Schema.NullOr(Schema.Union([MailboxEntry, Schema.Array(MailboxEntry)]))

const decodeEntry = Schema.decodeUnknownResult(MailboxEntry, { errors: "all" })

export interface EmailAccounts {
  /** What was read: it tells whether the settings have changed since. It holds secrets. */
  readonly raw: Redacted.Redacted<unknown>
  readonly mailboxes: ReadonlyArray<Mailbox>
  readonly notTakenOver: ReadonlyArray<NotTakenOver>
}

/** More than this is a mistake of a program, not a firm's mailboxes. */
const mostMailboxes = 50

const entriesOf = (settings: unknown): ReadonlyArray<unknown> => {
  if (settings === null || settings === undefined) return []
  if (Array.isArray(settings)) return settings
  return Predicate.isObject(settings) && Object.keys(settings).length === 0 ? [] : [settings]
}

const emailOf = (entry: unknown): string | null =>
  Predicate.isObject(entry) && "email" in entry && typeof entry.email === "string" ? entry.email.slice(0, 320) : null

/**
 * The tenant's mailboxes, each entry for itself: one that cannot be read leaves the others alone and is reported,
 * without its values.
 */
export const readEmailSettings = (settings: unknown): EmailAccounts => {
  const mailboxes = new Map<string, Mailbox>()
  const notTakenOver: Array<NotTakenOver> = []
  entriesOf(settings).forEach((entry, index) => {
    const refuse = (problem: string) => notTakenOver.push({ place: index + 1, email: emailOf(entry), problem })
    if (index >= mostMailboxes) return refuse(`only ${mostMailboxes} mailboxes are looked at`)
    const decoded = decodeEntry(entry)
    if (Result.isFailure(decoded)) return refuse(describeSchemaError(decoded.failure))
    const mailbox = mailboxOf(decoded.success)
    if (mailboxes.has(mailbox.id)) return refuse(`another mailbox has the same id "${mailbox.id}"`)
    mailboxes.set(mailbox.id, mailbox)
  })
  return { raw: Redacted.make(settings), mailboxes: [...mailboxes.values()], notTakenOver }
}
