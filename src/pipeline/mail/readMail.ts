import { Context, Effect, type Scope, Semaphore, Stream } from "effect"
import { attachmentsOf, attachmentsOfMail, type HeadVerdict, judgeHead, type PartOutcome, wholeMail } from "../../mail/attachmentsOf.ts"
import { joined } from "../../mail/bytes.ts"
import { parseStructuredField, readHeaderBlock } from "../../mail/headers.ts"
import { mailLimits } from "../../mail/limits.ts"
import type { MailStructure } from "../../mail/MailStructure.ts"
import { withMimeHeader } from "../../mail/partName.ts"
import { picturesShownIn, type ShownPictures } from "../../mail/pictures.ts"
import { planParts } from "../../mail/planParts.ts"
import type { SkipReason } from "../../mail/SkipReason.ts"
import { decodeTransfer } from "../../mail/transferEncoding.ts"
import type { MailAttachment, SkippedPart, WantedPart } from "../../mail/WantedPart.ts"
import { type MailError, type MailOverview, type MailSession, PartError } from "../../services/MailServers.ts"
import type { SkippedAttachment } from "../../services/MailLedger.ts"
import { ObjectStorage, type StorageError } from "../../services/ObjectStorage.ts"
import { partStream } from "./partStream.ts"

/** What a mail was found to hold: what `keep` made of each attachment, and what was left out. */
export interface ReadMail<A> {
  readonly isGone: boolean
  readonly kept: ReadonlyArray<A>
  readonly skipped: ReadonlyArray<SkippedAttachment>
}

/** An attachment that becomes an invoice; its bytes come from the server while they are read. */
export interface FoundFile extends Pick<MailAttachment, "name" | "mediaType"> {
  readonly content: Stream.Stream<Uint8Array, MailError | PartError>
}

/** Base64 with its line ends takes up to 78 bytes for 57; some mailers wrap shorter. */
const encoded = (bytes: number): number => Math.ceil(bytes * 1.4) + 64 * 1024

/** Enough that the beginning decides, once decoded: the prologue of an XML may be long. */
const headBytes = encoded(mailLimits.head)
/** Smaller parts come at once: asking for their head first would cost more than it saves. */
const smallPart = 512 * 1024

/** A container beyond this is not held in memory before it is its turn. */
const smallContainer = 1024 * 1024
const largeAtOnce = 2

/** Turns of the whole process: how many large archives, forwards and texts are in memory at once, over all mailboxes. */
export const LargeContainers = Context.Reference<Semaphore.Semaphore>("tt-worker/pipeline/LargeContainers", {
  defaultValue: () => Semaphore.makeUnsafe(largeAtOnce)
})

export const skippedAttachment = (part: Pick<SkippedPart, "name" | "declaredType">, reasonCode: SkipReason | "part-missing"): SkippedAttachment => ({
  name: part.name ?? part.declaredType,
  contentType: part.declaredType,
  size: null,
  reasonCode
})

const fromSkipped = (part: SkippedPart) => skippedAttachment(part, part.reason)

/** Whether the mail's own header speaks of parts where the server's description has none. */
const isOtherwise = ({ type }: MailStructure, headers: Uint8Array): boolean =>
  !type.startsWith("multipart/") && parseStructuredField(readHeaderBlock(headers).fields.get("content-type")?.[0] ?? "").value.startsWith("multipart/")

type Session = Pick<MailSession, "list" | "start" | "rest" | "reaching">

/**
 * Fetches what of a mail may be an invoice, one part after the other. A file goes to `keep` as a stream, piece by piece
 * as it comes from the server; a container is taken apart in memory, within its limit, and the large ones in turns.
 */
export const readMail = <A, E, R>(
  session: Session,
  { headers, structure: said, uid }: MailOverview,
  limits: { readonly attachmentBytes: number },
  keep: (file: FoundFile) => Effect.Effect<A, E | MailError | PartError, R>
): Effect.Effect<ReadMail<A>, MailError | StorageError | E, R | ObjectStorage> =>
  Effect.gen(function*() {
    const kept: Array<A> = []
    const skipped: Array<SkippedAttachment> = []
    const take = Effect.fnUntraced(function*(outcomes: ReadonlyArray<PartOutcome>) {
      for (const outcome of outcomes) {
        if (outcome._tag === "SkippedPart") skipped.push(fromSkipped(outcome))
        else if (outcome.bytes.length > limits.attachmentBytes) skipped.push({ ...skippedAttachment({ name: outcome.name, declaredType: outcome.mediaType }, "too-large"), size: outcome.bytes.length })
        else kept.push(yield* keep({ name: outcome.name, mediaType: outcome.mediaType, content: Stream.succeed(outcome.bytes) }))
      }
    })

    const readPart = Effect.fnUntraced(function*(wanted: WantedPart, shown: ShownPictures | null) {
      const asked = wanted.isDoubtful || wanted.size === null || wanted.size > smallPart ? headBytes : encoded(smallPart)
      const start = yield* session.start(uid, wanted.section, asked)
      if (start === null) return "gone" as const
      const part = start.header.length === 0 ? wanted : withMimeHeader(wanted, start.header)
      // A server that does not know partial answers has sent all of it.
      const isWhole = start.bytes.length > asked || (start.bytes.length < asked && start.bytes.length >= (part.size ?? 0))
      const head = decodeTransfer(part.encoding, start.bytes)
      // How much more comes is seen when it comes.
      const length = isWhole ? head.length : Math.max(head.length, Math.min(part.size ?? mailLimits.file, mailLimits.file))
      const verdict: HeadVerdict = part === wholeMail ? { _tag: "Container" } : judgeHead(part, head, length, shown)
      if (verdict._tag === "SkippedPart") return void skipped.push(fromSkipped(verdict))
      const rest = (most: number) =>
        isWhole ? Stream.empty : session.rest(uid, part.section, { from: start.bytes.length, size: part.size, maxBytes: encoded(most) })
      if (verdict._tag === "File") {
        const { mediaType, name } = verdict
        const content = partStream(part.encoding, start.bytes, rest(mailLimits.file), limits.attachmentBytes)
        return void kept.push(yield* keep({ name, mediaType, content }))
      }
      const takeApart = (bytes: Uint8Array) => take(part === wholeMail ? attachmentsOfMail(bytes) : attachmentsOf(part, bytes, shown))
      if (isWhole && start.bytes.length <= smallContainer) return yield* takeApart(head)
      const content = partStream(part.encoding, start.bytes, rest(mailLimits.container), mailLimits.container)
      if (part.size !== null && part.size <= smallContainer) return yield* takeApart(joined(yield* Stream.runCollect(content)))
      return yield* oneOfFew(content, takeApart)
    }, (effect, part) =>
      effect.pipe(
        Effect.scoped,
        Effect.catchIf((error) => error instanceof PartError, ({ reason }) =>
          reason === "gone" ? Effect.succeed("gone" as const) : Effect.sync(() => void skipped.push(skippedAttachment(part, "too-large")))),
        Effect.map((end) => end ?? null)
      ))

    const structure = said === null || isOtherwise(said, headers) ? null : said
    // Without a description that can be used, the mail is taken apart here.
    const plan = structure === null ? { wanted: [wholeMail], skipped: [], bySize: [], pages: [] } : planParts(structure)
    skipped.push(...plan.skipped.map(fromSkipped))
    const reaching = yield* session.reaching(uid, plan.bySize.map(({ offset, part }) => ({ section: part.section, offset })))
    const isRight = ({ isWantedIfReaching, part }: (typeof plan.bySize)[number]) => reaching.has(part.section) !== isWantedIfReaching
    skipped.push(...plan.bySize.filter(isRight).map((one) => fromSkipped(one.skipped)))
    const pages: Array<Uint8Array> = []
    for (const page of plan.pages) {
      const found = yield* session.start(uid, page.section, encoded(mailLimits.page))
      if (found !== null) pages.push(decodeTransfer(page.encoding, found.bytes))
    }
    const shown: ShownPictures | null = pages.length === 0 ? null : picturesShownIn(pages)
    for (const part of [...plan.wanted, ...plan.bySize.filter((one) => !isRight(one)).map((one) => one.part)]) {
      if ((yield* readPart(part, shown)) === null) continue
      // With the mail, or it alone: then the others still count.
      if ((yield* session.list({ from: uid, to: uid, since: null })).length === 0) return { isGone: true, kept, skipped }
      skipped.push(skippedAttachment(part, "part-missing"))
    }
    return { isGone: false, kept, skipped }
  })

/** A large container comes onto the disk as slowly as its server sends it, and into memory when it is its turn. */
const oneOfFew = Effect.fnUntraced(function*<E, R>(
  content: Stream.Stream<Uint8Array, MailError | PartError>,
  takeApart: (bytes: Uint8Array) => Effect.Effect<void, E, R>
): Effect.fn.Return<void, E | MailError | PartError | StorageError, R | ObjectStorage | Scope.Scope> {
  const storage = yield* ObjectStorage
  const turns = yield* LargeContainers
  const received = yield* storage.receive(content)
  yield* turns.withPermits(1)(Effect.flatMap(received.read, takeApart))
})
