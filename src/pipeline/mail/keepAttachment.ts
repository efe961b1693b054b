import { DateTime, Effect } from "effect"
import * as Digest from "effect/crypto/Digest"
import { InvoiceId, StorageKey, type TenantId } from "../../domain/ids.ts"
import { MailLedger, type StoredAttachment } from "../../services/MailLedger.ts"
import { ObjectStorage } from "../../services/ObjectStorage.ts"
import { retryTransient } from "../../supervisor/retryTransient.ts"
import type { FoundFile } from "./readMail.ts"

/**
 * A CUID's shape, made of what it stands for: a process that is killed between the file and the row makes the same id
 * the next time, and so neither a second file nor a second row.
 */
const invoiceIdOf = Effect.fnUntraced(function*(tenantId: TenantId, sha256: string, generation: number) {
  const digest = yield* Digest.Digest
  const hex = yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(`${tenantId}\n${sha256}\n${generation}`))
  return InvoiceId.make(`c${BigInt(`0x${hex}`).toString(36).padStart(24, "0").slice(-24)}`)
})

/**
 * Puts an attachment into the storage as it comes, unless its content is an invoice of the tenant already. `again`: the admin asked
 * for this mail once more; then content whose invoice was deleted becomes a new one.
 */
export const keepAttachment = Effect.fn("MailPipeline.keepAttachment")(function*(tenantId: TenantId, { content, mediaType, name }: FoundFile, again: boolean) {
  const storage = yield* ObjectStorage
  const ledger = yield* MailLedger
  const { sha256, size, store } = yield* storage.receive(content)
  const known = (yield* ledger.known(tenantId, [sha256])).get(sha256)
  const isNew = known === undefined || (again && !known.exists)
  const generation = isNew ? (known?.generation ?? 0) + 1 : known.generation
  const invoiceId = isNew ? yield* invoiceIdOf(tenantId, sha256, generation) : known.invoiceId
  const [year, month] = DateTime.formatIsoDateUtc(yield* DateTime.now).split("-")
  const key = StorageKey.make(`${tenantId}/${year}/${month}/${invoiceId}`)
  if (isNew) yield* retryTransient(store(key, mediaType))
  return { name, contentType: mediaType, size, sha256, invoiceId, generation, key } satisfies StoredAttachment
}, Effect.scoped)
