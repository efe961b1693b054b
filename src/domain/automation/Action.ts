import { Schema } from "effect"
import { DayKind, RowId } from "./Condition.ts"
import { minutesOf, TimeOfDay } from "./localTime.ts"
import { PayloadTemplate } from "./PayloadTemplate.ts"
import { Period } from "./Period.ts"

const Note = Schema.String.check(Schema.isMaxLength(2_000))
/** Days on which nothing is logged unless they are named here. */
const EvenOn = Schema.Array(DayKind.pick(["weekend", "holiday", "absence"]))

const dayMinutes = 24 * 60
const lengthOf = ({ end, start }: { readonly start: TimeOfDay; readonly end: TimeOfDay }): number =>
  (minutesOf(end) - minutesOf(start) + dayMinutes) % dayMinutes

/** Logs a block of the run's date, unless an entry overlaps it. An end before the start is on the next date. */
export const CreateEntry = Schema.Struct({
  type: Schema.Literal("create-entry"),
  start: TimeOfDay,
  end: TimeOfDay,
  breakMinutes: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 720 }))),
  projectId: Schema.optionalKey(RowId),
  taskId: Schema.optionalKey(RowId),
  note: Schema.optionalKey(Note),
  /** `same` is the date of the run, `previous` the one before: for a run after midnight. */
  day: Schema.optionalKey(Schema.Literals(["same", "previous"])),
  evenOn: Schema.optionalKey(EvenOn),
  /** `draft`: to be handed over later (see `submit-pending`). Else `pending`, or final where the firm does not approve. */
  as: Schema.optionalKey(Schema.Literals(["submitted", "draft"]))
}).annotate({ description: "Logs a block of the run's date, unless an entry overlaps it. An end before the start is on the next date. Not on weekends, public holidays and absences unless evenOn names them." }).check(
  Schema.makeFilter((action) => lengthOf(action) === 0 ? { path: ["end"], issue: "expected an end that is not the start" } : undefined),
  Schema.makeFilter((action) => (action.breakMinutes ?? 0) < lengthOf(action) || lengthOf(action) === 0 ? undefined : { path: ["breakMinutes"], issue: "expected a break shorter than the block" })
).annotate({ identifier: "CreateEntry" })
export type CreateEntry = typeof CreateEntry.Type

/** Clocks out entries that were forgotten: each ends at this time, the first one after it began. */
export const CloseOpenEntry = Schema.Struct({
  type: Schema.Literal("close-open-entry"),
  at: TimeOfDay,
  /** Entries that have been open for less are left alone. */
  openLongerThanMinutes: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_080 })))
}).annotate({ identifier: "CloseOpenEntry", description: "Clocks out entries that were forgotten: each ends at this time, the first one after it began." })
export type CloseOpenEntry = typeof CloseOpenEntry.Type

/** Logs the entries of the week before again, each a week later by the clock on the wall, unless an entry overlaps. */
export const CopyLastWeek = Schema.Struct({
  type: Schema.Literal("copy-last-week"),
  evenOn: Schema.optionalKey(EvenOn),
  as: Schema.optionalKey(Schema.Literals(["submitted", "draft"]))
}).annotate({ identifier: "CopyLastWeek", description: "Logs the entries of the week before again, each a week later by the clock on the wall, unless an entry overlaps." })
export type CopyLastWeek = typeof CopyLastWeek.Type

/** Hands the drafts of a period over: `pending`, or final where the firm does not approve. */
export const SubmitPending = Schema.Struct({
  type: Schema.Literal("submit-pending"),
  in: Period
}).annotate({ identifier: "SubmitPending", description: "Hands the drafts of a period over: pending, or final where the firm does not approve." })
export type SubmitPending = typeof SubmitPending.Type

/** Tells the firm's webhooks that a workday of the period has no entry. */
export const RemindMissing = Schema.Struct({
  type: Schema.Literal("remind"),
  event: Schema.Literal("entry.missing"),
  in: Period
}).annotate({ identifier: "RemindMissing", description: "Tells the firm's webhooks that a workday of the period has no entry." })

/** Tells the firm's webhooks that an entry has been running for longer than this. */
export const RemindOpen = Schema.Struct({
  type: Schema.Literal("remind"),
  event: Schema.Literal("entry.open"),
  openLongerThanMinutes: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_080 })))
}).annotate({ identifier: "RemindOpen", description: "Tells the firm's webhooks that an entry has been running for longer than this." })

/** Tells the firm's webhooks that drafts of the period were not handed over. */
export const RemindDraft = Schema.Struct({
  type: Schema.Literal("remind"),
  event: Schema.Literal("entry.draft"),
  in: Period
}).annotate({ identifier: "RemindDraft", description: "Tells the firm's webhooks that drafts of the period were not handed over." })

/** Tells the firm's webhooks that invoices wait for somebody to look at them. */
export const RemindInvoices = Schema.Struct({
  type: Schema.Literal("remind"),
  event: Schema.Literal("invoice.review-pending"),
  waitingLongerThanDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 365 })),
  of: Schema.optionalKey(Schema.Literals(["firm", "user"]))
}).annotate({ identifier: "RemindInvoices", description: "Tells the firm's webhooks that invoices wait for somebody to look at them." })

export const Remind = Schema.Union([RemindMissing, RemindOpen, RemindDraft, RemindInvoices])
export type Remind = typeof Remind.Type

/** Events that say what really happened: an automation may not send them. */
export const reservedEvents: ReadonlyArray<string> = [
  "entry.created", "entry.updated", "entry.deleted", "entry.submitted", "entry.approved", "entry.rejected",
  "invoice.created", "invoice.processed", "invoice.error", "invoice.approved", "invoice.paid"
]

const EventName = Schema.String.check(
  Schema.isPattern(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/u, { expected: "an event's name such as site.day-started" }),
  Schema.isMaxLength(100),
  Schema.makeFilter((name: string) => reservedEvents.includes(name) ? "expected a name that is not one of the product's own events" : undefined)
)

/** Sends an event of the firm's own to its webhooks. */
export const EmitEvent = Schema.Struct({
  type: Schema.Literal("emit-event"),
  event: EventName,
  payload: Schema.optionalKey(PayloadTemplate)
}).annotate({ identifier: "EmitEvent", description: "Sends an event of the firm's own to its webhooks. Texts of the payload may hold placeholders such as {{user.name}}." })
export type EmitEvent = typeof EmitEvent.Type

export const Action = Schema.Union([CreateEntry, CloseOpenEntry, CopyLastWeek, SubmitPending, RemindMissing, RemindOpen, RemindDraft, RemindInvoices, EmitEvent])
export type Action = typeof Action.Type
