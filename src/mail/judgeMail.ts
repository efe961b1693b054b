import { decodeField, type HeaderBlock, parseStructuredField } from "./headers.ts"
import { sizeInWords } from "../domain/plainWords.ts"

export { judgedFields } from "./headers.ts"

/** What one tenant lets in. */
export interface MailSettings {
  /** "compta@fournisseur.example", or "fournisseur.example" for everyone there and below it. Empty: everybody. */
  readonly allowedSenders: ReadonlyArray<string>
  /** Bytes of a whole mail; null: no limit of its own (each file has one). */
  readonly maxMailBytes: number | null
}

export type MailSkipReason = "bounce" | "receipt" | "automatic-reply" | "sender-not-allowed" | "mail-too-large"

export type MailVerdict =
  | { readonly _tag: "Keep" }
  | { readonly _tag: "Skip"; readonly reason: MailSkipReason; readonly plainWords: string }

const keep: MailVerdict = { _tag: "Keep" }
const skip = (reason: MailSkipReason, plainWords: string): MailVerdict => ({ _tag: "Skip", reason, plainWords })

const field = (header: HeaderBlock, name: string): string | undefined => {
  const value = header.fields.get(name)?.[0]
  return value === undefined ? undefined : decodeField(value)
}

/** Without comments and quoted names, which may hold any address. */
const bare = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\.)*"?/g, " ").replaceAll(/\([^()]*\)/g, " ")

const address = /^[^\s@<>"]{1,200}@[^\s@<>"]{1,253}$/

/** The addresses of a From field, lower case. A name that looks like an address is none. */
export const addressesIn = (from: string): ReadonlyArray<string> =>
  bare(from.slice(0, 20_000)).split(/[,;]/).flatMap((one) => {
    const inBrackets = /<([^<>]*)>[^<>]*$/.exec(one)?.[1]
    const said = (inBrackets ?? one.replace(/^[^:@]*:/, "")).trim().toLowerCase()
    return address.test(said) ? [said] : []
  })

/** Servers that report write as these (RFC 2142, and what qmail, Postfix and Exchange send as). */
const isDaemon = (sender: string): boolean => /^(mailer-daemon|postmaster|mail-daemon|microsoftexchange[0-9a-f]{20,40})@/.test(sender)

/** How Outlook, Gmail and others begin the subject of an absence notice. */
const absence = /^\s*(automatic reply|auto(matic)?[ -]?(reply|response)|out of (the )?office|réponse automatique|absence du bureau|message d['’]absence|absent(e)? du bureau|automatische antwort|abwesenheits(notiz|nachricht)|risposta automatica|respuesta automática|resposta automática|automatisch antwoord)\b/i

/** "a@b.example" is allowed by itself or by "b.example", "@b.example" or "example". */
const isAllowed = (sender: string, allowed: ReadonlyArray<string>): boolean =>
  allowed.some((entry) => {
    const wanted = entry.trim().toLowerCase().replace(/^@/, "")
    const domain = sender.slice(sender.lastIndexOf("@") + 1)
    return wanted !== "" && (sender === wanted || domain === wanted || domain.endsWith(`.${wanted}`))
  })

const automatic = (header: HeaderBlock, senders: ReadonlyArray<string>): MailVerdict | null => {
  const contentType = parseStructuredField(header.fields.get("content-type")?.[0] ?? "")
  const report = contentType.value === "multipart/report" ? (contentType.parameters["report-type"] ?? "").toLowerCase() : null
  if (report === "disposition-notification") return skip("receipt", "This is a read receipt.")
  const bounce = skip("bounce", "This is a mail server's report that another mail was not delivered.")
  if (report !== null || field(header, "x-failed-recipients") !== undefined) return bounce
  const submitted = (/^[\w-]*/.exec((field(header, "auto-submitted") ?? "").toLowerCase())?.[0]) ?? ""
  // An empty return path alone is no bounce: some billing systems send so, to be spared the replies.
  const hasNoReturn = /^<\s*>$/.test(field(header, "return-path") ?? "")
  if (hasNoReturn && senders.some(isDaemon)) return bounce
  const reply = skip("automatic-reply", "This is an automatic reply, such as a notice of absence.")
  if (submitted === "auto-replied" || submitted === "auto-notified") return reply
  if (/^auto_reply$/i.test(field(header, "precedence") ?? "")) return reply
  if (/^(yes|true|1)$/i.test(field(header, "x-autoreply") ?? "") || field(header, "x-autorespond") !== undefined) return reply
  // Exchange marks absence notices only as generated, as billing systems do their invoices: the subject tells them apart.
  const isMarked = (submitted !== "" && submitted !== "no") || field(header, "x-auto-response-suppress") !== undefined
  return isMarked && absence.test(field(header, "subject") ?? "") ? reply : null
}

/**
 * Whether a mail is looked into at all, by its header and size (bytes of the whole mail).
 *
 * Left out are reports of mail servers, read receipts, and automatic replies. `Auto-Submitted: auto-generated`,
 * `Precedence: bulk` or `list` and `X-Auto-Response-Suppress` are no reasons: billing systems send their invoices with
 * them. The sender is what the From field says, which anyone can write: the list keeps out what was sent by mistake, not
 * who forges; it asks for every address of From, so that a forged second one does not help.
 */
export const judgeMail = (header: HeaderBlock, size: number, settings: MailSettings): MailVerdict => {
  const senders = addressesIn(field(header, "from") ?? "")
  const isAllowedSender = senders.length > 0 && senders.every((sender) => isAllowed(sender, settings.allowedSenders))
  if (settings.allowedSenders.length > 0 && !isAllowedSender) return skip("sender-not-allowed", "The sender is not on the list of allowed senders.")
  if (settings.maxMailBytes !== null && size > settings.maxMailBytes) {
    return skip("mail-too-large", `The mail is larger than ${sizeInWords(settings.maxMailBytes)}.`)
  }
  return automatic(header, senders) ?? keep
}
