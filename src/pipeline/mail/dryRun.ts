import { DateTime, Duration, Effect } from "effect"
import type { TenantId } from "../../domain/ids.ts"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import { readHeaderBlock } from "../../mail/headers.ts"
import { judgeMail } from "../../mail/judgeMail.ts"
import type { MailboxClaim, MailboxState } from "../../services/Mailboxes.ts"
import { MailLedger } from "../../services/MailLedger.ts"
import { ObjectStorage } from "../../services/ObjectStorage.ts"
import { connectMailbox } from "./connectMailbox.ts"
import { importLimitsOf } from "./importLimits.ts"
import { makeMailConnection } from "./MailConnection.ts"
import { mailRecordOf } from "./mailRecord.ts"
import { readMail } from "./readMail.ts"

/** The newest mails of each folder: enough to see whether the settings are right. */
const mostMails = 200
const batchSize = 50

export interface DryRunMail {
  readonly folder: string
  readonly uid: number
  readonly sender: string | null
  readonly subject: string | null
  /** Why the whole mail is left out; null where it is looked into. */
  readonly leftOut: string | null
  readonly invoices: ReadonlyArray<{ readonly name: string; readonly bytes: number; readonly known: boolean }>
  readonly skipped: ReadonlyArray<{ readonly name: string; readonly reason: string }>
}

export interface DryRun {
  readonly mails: ReadonlyArray<DryRunMail>
  readonly looked: number
}

export const dryRunInWords = ({ looked, mails }: DryRun): string => {
  const invoices = mails.flatMap((mail) => mail.invoices)
  const fresh = invoices.filter(({ known }) => !known).length
  return `dry run: of ${looked} ${looked === 1 ? "mail" : "mails"}, ${fresh} ${fresh === 1 ? "invoice" : "invoices"} would be imported, ${invoices.length - fresh} are known already`
}

/** Looks at what a first sync would, and keeps nothing: no invoice, no file, no ledger. */
export const dryRun = Effect.fn("MailPipeline.dryRun")(function*(tenantId: TenantId, mailbox: Mailbox, held: { readonly claim: MailboxClaim; readonly state: MailboxState } | null) {
  const ledger = yield* MailLedger
  const storage = yield* ObjectStorage
  const services = yield* Effect.context<Effect.Services<ReturnType<typeof connectMailbox>>>()
  const connection = yield* makeMailConnection(mailbox.host, Effect.provide(connectMailbox(tenantId, mailbox, held), services))
  const since = DateTime.subtractDuration(yield* DateTime.now, Duration.days(mailbox.lookBackDays))
  const limits = importLimitsOf(mailbox, { importsPerDay: Infinity, bytesPerDay: Infinity })
  const mails: Array<DryRunMail> = []
  let looked = 0
  for (const folder of mailbox.folders) {
    yield* connection.open(folder, { writable: false })
    const uids = (yield* connection.use((session) => session.list({ from: 1, to: null, since }))).slice(-mostMails)
    for (let at = 0; at < uids.length; at += batchSize) {
      for (const overview of yield* connection.use((session) => session.look(uids.slice(at, at + batchSize)))) {
        looked++
        const header = readHeaderBlock(overview.headers)
        const { sender, subject } = mailRecordOf(overview, header)
        const verdict = judgeMail(header, overview.size, { allowedSenders: mailbox.allowedSenders, maxMailBytes: null })
        const report = { folder, uid: overview.uid, sender, subject }
        if (verdict._tag === "Skip") {
          mails.push({ ...report, leftOut: verdict.reason, invoices: [], skipped: [] })
          continue
        }
        const found = yield* connection.use((session) =>
          readMail(session, overview, limits, ({ content, name }) =>
            Effect.scoped(Effect.gen(function*() {
              const { sha256, size } = yield* storage.receive(content)
              return { name, bytes: size, known: (yield* ledger.known(tenantId, [sha256])).has(sha256) }
            })))
        )
        if (found.kept.length === 0 && found.skipped.length === 0) continue
        mails.push({ ...report, leftOut: null, invoices: found.kept, skipped: found.skipped.map(({ name, reasonCode }) => ({ name, reason: reasonCode })) })
      }
    }
  }
  return { mails, looked } satisfies DryRun
}, Effect.scoped)
