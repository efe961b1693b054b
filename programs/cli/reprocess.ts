import { Console, Data, Effect } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import { Invoices } from "../../src/services/Invoices.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import { by, json } from "./flags.ts"

export class BelongsToPeople extends Data.TaggedError("BelongsToPeople")<{ readonly invoice: string; readonly status: string }> {
  override get message(): string {
    return `invoice ${this.invoice} is ${this.status}: what people have decided is not read again; nothing was enqueued`
  }
}

export class NoSuchInvoice extends Data.TaggedError("NoSuchInvoice")<{ readonly tenant: string; readonly invoice: string }> {
  override get message(): string {
    return `tenant ${this.tenant} has no invoice ${this.invoice}; nothing was enqueued`
  }
}

/** `reprocess INVOICE --tenant TENANT`: asks on purpose, so that also a processed invoice is read again. */
export const reprocess = Command.make(
  "reprocess",
  {
    invoice: Argument.String("invoice").pipe(Argument.withDescription("The invoice's id"), Argument.withSchema(InvoiceId)),
    tenant: Flag.String("tenant").pipe(Flag.withDescription("The id of the tenant it belongs to"), Flag.withSchema(TenantId)),
    askAgain: Flag.Boolean("ask-again").pipe(
      Flag.withDescription("Ask the paid model again too, instead of using the answer that is kept from it"),
      Flag.withDefault(false)
    ),
    by,
    json
  },
  Effect.fnUntraced(function*({ askAgain, by, invoice, json, tenant }) {
    const invoices = yield* Invoices
    const answer = yield* invoices.requestReprocessing(tenant, invoice, { askAgain })
    if (answer._tag === "NotFound") return yield* new NoSuchInvoice({ tenant, invoice })
    if (answer._tag === "BelongsToPeople") return yield* new BelongsToPeople({ invoice, status: answer.status })
    const { generation, jobId } = answer
    yield* QueueControls.use(({ note }) => note({ by, action: "Reprocess", queue: QUEUE_NAMES.INVOICE_PROCESSING, tenantId: tenant, value: invoice }))
    yield* Console.log(json ? JSON.stringify({ tenantId: tenant, invoiceId: invoice, jobId, generation }) : `invoice ${invoice} is read again: job ${jobId}, generation ${generation}`)
  })
).pipe(Command.withDescription("Have an invoice read again, also one that is processed"))
