import { Schema } from "effect"
import { Day, eventOf, text, textOrNull, Timestamp } from "./eventShape.ts"

/** Who, which automation and when. */
const run = {
  tenantUserId: text("whose automation it is"),
  automationId: text("the automation"),
  automationName: textOrNull("as its owner calls it"),
  occurrence: Timestamp,
  date: Day
}
const entries = Schema.Array(Schema.Struct({ id: text("the time entry"), startDate: Timestamp })).annotate({ description: "50 at most" })

export const EntryMissing = eventOf("entry.missing", { ...run, dates: Schema.Array(Day) })
export const EntryOpen = eventOf("entry.open", { ...run, entries })
export const EntryDraft = eventOf("entry.draft", { ...run, entries })
export const InvoiceReviewPending = eventOf("invoice.review-pending", {
  ...run,
  count: Schema.Int.annotate({ description: "invoices that wait" }),
  oldest: Schema.NullOr(Timestamp),
  longerThanDays: Schema.Int.annotate({ description: "as the automation asks" })
})
