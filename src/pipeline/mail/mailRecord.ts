import { DateTime, Option } from "effect"
import { decodeField, type HeaderBlock } from "../../mail/headers.ts"
import { storedText } from "../../mail/text.ts"
import type { MailOverview } from "../../services/MailServers.ts"
import type { MailRecord } from "../../services/MailLedger.ts"

/** A field on one line, fit for PostgreSQL and for people; null where there is none. */
const shown = (header: HeaderBlock, name: string, limit: number): string | null => {
  const value = header.fields.get(name)?.[0]
  const text = value === undefined ? "" : storedText(decodeField(value), limit).replaceAll(/\p{Cc}+/gu, " ").trim()
  return text === "" ? null : text
}

/** Years that PostgreSQL and people can do with; other dates are a sender's joke. */
const sensible = (time: DateTime.Utc): boolean => {
  const year = DateTime.getPartUtc(time, "year")
  return year >= 1970 && year <= 2200
}

/** What the log keeps of a mail. */
export const mailRecordOf = ({ receivedAt, size, uid }: MailOverview, header: HeaderBlock): MailRecord => ({
  uid,
  messageId: shown(header, "message-id", 500),
  sender: shown(header, "from", 320),
  subject: shown(header, "subject", 500),
  sentAt: Option.getOrNull(Option.filter(Option.map(DateTime.make(shown(header, "date", 100)?.replace(/\s*\(.*$/, "") ?? ""), DateTime.toUtc), sensible)),
  receivedAt: receivedAt !== null && sensible(receivedAt) ? receivedAt : null,
  size: Math.min(size, Number.MAX_SAFE_INTEGER)
})
