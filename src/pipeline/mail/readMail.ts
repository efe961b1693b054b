import { Effect } from "effect"
import { attachmentsOf, attachmentsOfMail, judgeHead } from "../../mail/attachmentsOf.ts"
import { mailLimits } from "../../mail/limits.ts"
import { picturesShownIn, type ShownPictures } from "../../mail/pictures.ts"
import { planParts } from "../../mail/planParts.ts"
import type { SkipReason } from "../../mail/SkipReason.ts"
import { decodeTransfer } from "../../mail/transferEncoding.ts"
import type { MailAttachment, SkippedPart, WantedPart } from "../../mail/WantedPart.ts"
import type { MailError, MailOverview, MailSession } from "../../services/MailServers.ts"
import type { SkippedAttachment } from "../../services/MailLedger.ts"

/** What a mail was found to hold: what `keep` made of each attachment, and what was left out. */
export interface ReadMail<A> {
  readonly isGone: boolean
  readonly kept: ReadonlyArray<A>
  readonly skipped: ReadonlyArray<SkippedAttachment>
}

/** Base64 with its line ends takes up to 78 bytes for 57; some mailers wrap shorter. */
const encoded = (bytes: number): number => Math.ceil(bytes * 1.4) + 64 * 1024

/** Enough that the head decides, once decoded. */
const headBytes = encoded(mailLimits.head)
/** Smaller parts are fetched at once: asking for their head first would cost more than it saves. */
const smallPart = 512 * 1024

export const skippedAttachment = (part: Pick<SkippedPart, "name" | "declaredType">, reasonCode: SkipReason): SkippedAttachment => ({
  name: part.name ?? part.declaredType,
  contentType: part.declaredType,
  size: null,
  reasonCode
})

const fromSkipped = (part: SkippedPart) => skippedAttachment(part, part.reason)

/**
 * Fetches what of a mail may be an invoice, one part after the other, and hands each attachment to `keep` before the
 * next part is fetched: one part is in memory at a time. Where the server's description of the mail could not be read,
 * the mail itself is, within the limit of a container.
 */
export const readMail = <A, E, R>(
  session: Pick<MailSession, "list" | "part" | "start">,
  { structure, uid }: MailOverview,
  limits: { readonly attachmentBytes: number },
  keep: (attachment: MailAttachment) => Effect.Effect<A, E, R>
): Effect.Effect<ReadMail<A>, MailError | E, R> =>
  Effect.gen(function*() {
    const kept: Array<A> = []
    const skipped: Array<SkippedAttachment> = []
    const take = Effect.fnUntraced(function*(outcomes: ReadonlyArray<MailAttachment | SkippedPart>) {
      for (const outcome of outcomes) {
        if (outcome._tag === "SkippedPart") skipped.push(fromSkipped(outcome))
        else if (outcome.bytes.length > limits.attachmentBytes) skipped.push({ ...skippedAttachment({ name: outcome.name, declaredType: outcome.mediaType }, "too-large"), size: outcome.bytes.length })
        else kept.push(yield* keep(outcome))
      }
    })
    const gone: ReadMail<A> = { isGone: true, kept, skipped }
    /** A part that the server does not hand over: with the mail, or it alone. Then the others still count. */
    const isThere = Effect.map(session.list({ from: uid, to: uid, since: null }), (found) => found.length > 0)
    const withheld = (name: string, contentType: string) => skipped.push({ name, contentType, size: null, reasonCode: "part-missing" })

    if (structure === null) {
      const whole = yield* session.part(uid, "", { maxBytes: mailLimits.container })
      if (whole._tag === "Gone") {
        if (!(yield* isThere)) return gone
        withheld("message/rfc822", "message/rfc822")
      } else if (whole._tag === "TooLarge") skipped.push({ name: "message/rfc822", contentType: "message/rfc822", size: null, reasonCode: "too-large" })
      else yield* take(attachmentsOfMail(whole.bytes))
      return { isGone: false, kept, skipped }
    }

    const plan = planParts(structure)
    skipped.push(...plan.skipped.map(fromSkipped))
    const pages: Array<Uint8Array> = []
    for (const page of plan.pages) {
      const found = yield* session.start(uid, page.section, encoded(mailLimits.page))
      if (found._tag === "Bytes") pages.push(decodeTransfer(page.encoding, found.bytes))
    }
    const shown: ShownPictures | null = pages.length === 0 ? null : picturesShownIn(pages)
    for (const part of plan.wanted) {
      const limit = yield* limitOf(session, uid, part, shown)
      if (typeof limit !== "number") {
        if (limit !== "gone") skipped.push(fromSkipped(limit))
        else if (yield* isThere) withheld(part.name ?? part.declaredType, part.declaredType)
        else return gone
        continue
      }
      const found = yield* session.part(uid, part.section, { maxBytes: limit })
      if (found._tag === "Gone") {
        if (!(yield* isThere)) return gone
        withheld(part.name ?? part.declaredType, part.declaredType)
      } else if (found._tag === "TooLarge") skipped.push(skippedAttachment(part, "too-large"))
      else yield* take(attachmentsOf(part, decodeTransfer(part.encoding, found.bytes), shown))
    }
    return { isGone: false, kept, skipped }
  })

/** Most bytes to fetch of a part, by what its beginning shows where that is worth the question. */
const limitOf = Effect.fnUntraced(function*(session: Pick<MailSession, "start">, uid: number, part: WantedPart, shown: ShownPictures | null) {
  const most = encoded(part.role === "file" ? mailLimits.container : Math.max(mailLimits.container, mailLimits.text))
  if (!part.isDoubtful && part.size !== null && part.size <= smallPart) return most
  const head = yield* session.start(uid, part.section, headBytes)
  if (head._tag !== "Bytes") return "gone" as const
  const bytes = decodeTransfer(part.encoding, head.bytes)
  const verdict = judgeHead(part, bytes, head.bytes.length < headBytes ? bytes.length : Math.max(bytes.length, part.size ?? mailLimits.file), shown)
  if (verdict._tag === "SkippedPart" && verdict.reason !== "too-large") return verdict
  return verdict._tag === "File" ? encoded(mailLimits.file) : most
})
