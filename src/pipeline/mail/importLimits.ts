import { maxFileBytes } from "../../domain/limits.ts"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import type { DayLimits } from "../../services/MailLedger.ts"

const mebibyte = 1024 * 1024

/** What the operator allows each tenant, over all its mailboxes. */
export interface MailQuota {
  readonly importsPerDay: number
  readonly bytesPerDay: number
}

export interface ImportLimits extends DayLimits {
  readonly attachmentBytes: number
}

/** Anybody can mail ten thousand files to a known address: a mailbox has a limit of its own, and the tenant one over all. */
const mailboxImports = 500
const mailboxMebibytes = 2_000

export const importLimitsOf = ({ limits }: Mailbox, quota: MailQuota): ImportLimits => ({
  mailboxImports: limits.importsPerDay ?? Math.min(mailboxImports, quota.importsPerDay),
  mailboxBytes: (limits.mebibytesPerDay ?? mailboxMebibytes) * mebibyte,
  tenantImports: quota.importsPerDay,
  tenantBytes: quota.bytesPerDay,
  attachmentBytes: Math.min(maxFileBytes, (limits.attachmentMebibytes ?? 20) * mebibyte)
})
