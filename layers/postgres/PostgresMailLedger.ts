import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { InvoiceId, type TenantId } from "../../src/domain/ids.ts"
import { mailedPriority } from "../../src/domain/mailbox/mailedPriority.ts"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { MailboxClaim, MailboxesError } from "../../src/services/Mailboxes.ts"
import { type FolderPlace, ImportAnswer, type MailImport, MailLedger, type MailOutcome, type MailRecord, type SkippedAttachment, type StoredAttachment } from "../../src/services/MailLedger.ts"
import { claimLost, toMailboxesError } from "./mailboxesError.ts"
import { lockClaim } from "./mailboxStatements.ts"
import * as Statements from "./mailLedgerStatements.ts"

const decodeFolder = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  uidValidity: Schema.BigIntFromString,
  cursor: Schema.Finite,
  firstUidNext: Schema.Finite,
  since: Schema.DateTimeUtcFromMillis
})))
const decodeStates = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ uid: Schema.Finite, state: Schema.String, attempts: Schema.Int, due: Schema.Boolean })))
const decodeKnown = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ sha256: Schema.String, invoiceId: InvoiceId, generation: Schema.Int, exists: Schema.Boolean })))
const decodeAsked = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ asked: Schema.Boolean })))
const Used = Schema.Struct({
  tenantImports: Schema.Int,
  tenantBytes: Schema.Finite,
  mailboxImports: Schema.Int,
  mailboxBytes: Schema.Finite
})
const decodeMarks = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ uid: Schema.Finite })))
const decodeUsed = Schema.decodeUnknownEffect(Schema.Tuple([Used]))

const iso = (time: DateTime.Utc | null): string | null => time === null ? null : DateTime.formatIso(time)

const mailRow = (mail: MailRecord) => ({ ...mail, sentAt: iso(mail.sentAt), receivedAt: iso(mail.receivedAt) })

const outcomeRow = ({ attempts, mail, nextTry, reason, reasonCode, skipped, state }: MailOutcome) => ({
  ...mailRow(mail),
  state,
  reasonCode,
  reason,
  attempts,
  nextTryMillis: nextTry === null ? null : Duration.toMillis(nextTry),
  imported: 0,
  duplicates: 0,
  skipped: skipped.length
})

const skippedRow = (uid: number, n: number, { contentType, name, reasonCode, size }: SkippedAttachment) => ({
  uid,
  n,
  name,
  contentType,
  size,
  sha256: null,
  outcome: "skipped",
  reasonCode,
  invoiceId: null
})

/** Marks of one sync. */
const mostMarks = 1_000
/** A folder that is gone or full will not take the mail the next time either. */
const triesOfMark = 10

/** What Prisma makes of a `String` on other databases, and some APIs of it here: VARCHAR(191). The log has the whole name. */
const longestName = 190
const shortened = (name: string): string => {
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? ""
  return name.length <= longestName ? name : name.slice(0, longestName - extension.length).toWellFormed() + extension
}

/** `MailLedger` in PostgreSQL. */
export const PostgresMailLedger: Layer.Layer<MailLedger, never, SqlClient.SqlClient | JobOutbox> = Layer.effect(
  MailLedger,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const outbox = yield* JobOutbox

    /** All or nothing, and only while the mailbox is ours. */
    const held = <A, E>(claim: MailboxClaim, doing: string, effect: Effect.Effect<A, E>): Effect.Effect<A, MailboxesError> =>
      sql.withTransaction(Effect.gen(function*() {
        const rows = yield* lockClaim(sql, claim)
        if (rows.length !== 1) return yield* claimLost(claim.tenantId, doing)
        return yield* effect
      })).pipe(Effect.mapError(toMailboxesError(claim.tenantId, doing)))

    const known = (tenantId: TenantId, hashes: ReadonlyArray<string>) =>
      Effect.map(
        Statements.knownContent(sql, tenantId, JSON.stringify(hashes)).pipe(Effect.flatMap(decodeKnown)),
        (rows) => new Map(rows.map(({ sha256, ...content }) => [sha256, content]))
      )

    const writeAttachments = Effect.fnUntraced(function*(claim: MailboxClaim, place: FolderPlace, uids: ReadonlyArray<number>, rows: ReadonlyArray<object>) {
      yield* Statements.clearAttachments(sql, claim, place, JSON.stringify(uids))
      if (rows.length > 0) yield* Statements.writeAttachments(sql, claim, place, JSON.stringify(rows))
    })

    const importWithin = Effect.fnUntraced(function*(claim: MailboxClaim, place: FolderPlace, what: MailImport, cursor: number) {
      const { attachments, isMarked, limits, mail, skipped } = what
      const { tenantId } = claim
      yield* Statements.lockTenant(sql, tenantId)
      const before = yield* known(tenantId, attachments.map(({ sha256 }) => sha256))
      // The same content twice in one mail is one invoice; what a person has uploaded (generation 0) is one already.
      const isWanted = (one: StoredAttachment) => {
        const content = before.get(one.sha256)
        return content === undefined || (content.generation > 0 && content.generation < one.generation)
      }
      const wanted = new Map(attachments.filter(isWanted).toReversed().map((one) => [one.sha256, one]))
      const [used] = yield* Statements.usedToday(sql, claim).pipe(Effect.flatMap(decodeUsed))
      const made = [...wanted.values()]
      const over = made.length === 0 ? null : exceeded(limits, used, made.length, made.reduce((sum, { size }) => sum + size, 0))
      if (over !== null) return ImportAnswer.LimitReached({ limit: over })

      if (made.length > 0) {
        yield* Statements.claimContent(sql, claim, JSON.stringify(made.map((one) => ({
          ...one,
          fileKey: one.key,
          messageId: mail.messageId,
          sender: mail.sender,
          sentAt: iso(mail.sentAt)
        }))))
        yield* Statements.insertInvoices(sql, tenantId, JSON.stringify(made.map(({ contentType, invoiceId, key, name }) => ({ id: invoiceId, fileKey: key, fileName: shortened(name), contentType }))))
        yield* Statements.noteReceived(sql, tenantId, JSON.stringify(made.map(({ key, sha256, size }) => ({ fileKey: key, sha256, size }))))
        const jobs = made.map(({ generation, invoiceId }) => ({
          data: { tenantId, invoiceId },
          jobId: `mail-${invoiceId}-${generation}`,
          priority: mailedPriority
        }))
        const jobIds = yield* outbox.enqueueMany(QUEUE_NAMES.INVOICE_PROCESSING, jobs)
        yield* Statements.noteJobs(sql, tenantId, JSON.stringify(made.map(({ invoiceId }, n) => ({ id: invoiceId, jobId: jobIds[n] }))))
        yield* Statements.countImports(sql, claim, made.length)
      }
      const after = yield* known(tenantId, attachments.map(({ sha256 }) => sha256))
      const isMade = new Set(made)
      const rows = attachments.map((one, n) => {
        const isNew = isMade.has(one)
        return {
          uid: mail.uid,
          n,
          name: one.name,
          contentType: one.contentType,
          size: one.size,
          sha256: one.sha256,
          outcome: isNew ? "imported" : "duplicate",
          reasonCode: isNew ? null : "same-content",
          invoiceId: isNew ? one.invoiceId : after.get(one.sha256)?.invoiceId ?? null
        }
      })
      const duplicates = attachments.length - made.length
      yield* Statements.writeMails(sql, claim, place, JSON.stringify([{
        ...mailRow(mail),
        state: made.length > 0 ? "imported" : "nothing",
        reasonCode: made.length > 0 ? null : "same-content",
        reason: made.length > 0 ? null : "all its invoices were imported before",
        attempts: 0,
        nextTryMillis: null,
        imported: made.length,
        duplicates,
        skipped: skipped.length
      }]))
      if (isMarked) yield* Statements.addMark(sql, claim, place, mail.uid)
      yield* writeAttachments(claim, place, [mail.uid], [...rows, ...skipped.map((one, n) => skippedRow(mail.uid, rows.length + n, one))])
      yield* Statements.advanceCursor(sql, claim, place, cursor)
      return ImportAnswer.Imported({ imported: made.length, duplicates })
    })

    return MailLedger.of({
      openFolder: Effect.fn("MailLedger.openFolder")((claim, place, { lookBack, uidNext }) =>
        held(claim, "the folder could not be opened", Effect.gen(function*() {
          const [found] = yield* Statements.loadFolder(sql, claim, place.folder).pipe(Effect.flatMap(decodeFolder))
          // Some servers do not say their next UID; one below the cursor has begun to count anew, under the old numbers.
          const isBack = found !== undefined && uidNext > 0 && found.cursor > uidNext
          if (isBack) yield* Statements.forgetMails(sql, claim, place)
          if (found === undefined || isBack || found.uidValidity !== place.uidValidity) {
            const [begun] = yield* Statements.beginFolder(sql, claim, place, uidNext, Duration.toMillis(lookBack)).pipe(Effect.flatMap(decodeFolder))
            return begun ?? (yield* claimLost(claim.tenantId, "the folder could not be opened"))
          }
          return found
        }))
      ),

      states: Effect.fn("MailLedger.states")(function*(claim, place, from) {
        const rows = yield* Statements.loadStates(sql, claim, place, from).pipe(
          Effect.flatMap(decodeStates),
          Effect.mapError(toMailboxesError(claim.tenantId, "the ledger could not be read"))
        )
        const of = (...states: ReadonlyArray<string>) => rows.filter(({ state }) => states.includes(state))
        return {
          settled: new Set(of("imported", "nothing", "given-up").map(({ uid }) => uid)),
          failed: new Map(of("failed").map(({ attempts, due, uid }) => [uid, { attempts, due }])),
          again: new Set(of("again").map(({ uid }) => uid))
        }
      }),

      settle: Effect.fn("MailLedger.settle")((claim, place, outcomes, cursor) =>
        held(claim, "what became of the mails could not be recorded", Effect.gen(function*() {
          if (outcomes.length > 0) {
            yield* Statements.writeMails(sql, claim, place, JSON.stringify(outcomes.map(outcomeRow)))
            yield* writeAttachments(claim, place, outcomes.map(({ mail }) => mail.uid), outcomes.flatMap(({ mail, skipped }) => skipped.map((one, n) => skippedRow(mail.uid, n, one))))
          }
          yield* Statements.advanceCursor(sql, claim, place, cursor)
        }))
      ),

      importMail: Effect.fn("MailLedger.importMail")((claim, place, what, cursor) =>
        held(claim, "the invoices of a mail could not be recorded", importWithin(claim, place, what, cursor))
      ),

      marks: Effect.fn("MailLedger.marks")((claim, place) =>
        Statements.loadMarks(sql, claim, place, mostMarks).pipe(
          Effect.flatMap(decodeMarks),
          Effect.map((rows) => rows.map(({ uid }) => uid)),
          Effect.mapError(toMailboxesError(claim.tenantId, "the mails to be flagged or moved could not be read"))
        )
      ),

      settleMark: Effect.fn("MailLedger.settleMark")((claim, place, uid, isDone) =>
        held(claim, "what became of an imported mail could not be recorded", isDone ? Statements.removeMark(sql, claim, place, uid) : Statements.countMark(sql, claim, place, uid, triesOfMark)).pipe(Effect.asVoid)
      ),

      known: Effect.fn("MailLedger.known")((tenantId, hashes) => Effect.mapError(known(tenantId, hashes), toMailboxesError(tenantId, "the imported contents could not be read"))),

      askAgain: Effect.fn("MailLedger.askAgain")(function*(tenantId, mailboxId, { folder, uidValidity }, uid) {
        const [row] = yield* Statements.askAgain(sql, tenantId, mailboxId, folder, uidValidity, uid).pipe(Effect.flatMap(decodeAsked))
        if (row?.asked !== true) return false
        yield* outbox.enqueue(QUEUE_NAMES.EMAIL_SYNC, { tenantId })
        return true
      }, (effect, tenantId) => Effect.mapError(sql.withTransaction(effect), toMailboxesError(tenantId, "the mail could not be asked for again")))
    })
  })
)

const exceeded = (limits: MailImport["limits"], used: typeof Used.Type, count: number, bytes: number): string | null => {
  // A single mail beyond a whole day's limit goes through alone, or it would wait for ever.
  if (used.mailboxImports > 0 && used.mailboxImports + count > limits.mailboxImports) return `${limits.mailboxImports} invoices a day from this mailbox`
  if (used.mailboxImports > 0 && used.mailboxBytes + bytes > limits.mailboxBytes) return `${Math.round(limits.mailboxBytes / 1024 / 1024)} MiB a day from this mailbox`
  if (used.tenantImports > 0 && used.tenantImports + count > limits.tenantImports) return `${limits.tenantImports} mailed invoices a day`
  if (used.tenantImports > 0 && used.tenantBytes + bytes > limits.tenantBytes) return `${Math.round(limits.tenantBytes / 1024 / 1024)} MiB of mailed invoices a day`
  return null
}
