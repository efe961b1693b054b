import { Context, type DateTime, type Effect } from "effect"
import type { Action } from "../domain/automation/Action.ts"
import type { AbsenceFact, EntryFact, InvoiceFacts, InvoiceQuery } from "../domain/automation/Facts.ts"
import type { Plan } from "../domain/automation/Plan.ts"
import type { CalendarDate } from "../domain/CalendarDate.ts"
import type { TenantId } from "../domain/ids.ts"
import type { AutomationError } from "./AutomationError.ts"
import type { RunKey } from "./AutomationRuns.ts"

export interface TimeSheetQuery {
  /** Dates of the user's calendar, both included. */
  readonly from: CalendarDate
  readonly to: CalendarDate
  readonly timeZone: string
  /** Projects to say something about, beside those of the entries. */
  readonly projectIds: ReadonlyArray<string>
  readonly invoices: ReadonlyArray<InvoiceQuery>
  /** Invoices are counted as of then. */
  readonly at: DateTime.Utc
}

/** What the tables say about one user. */
export interface TimeSheet {
  readonly entries: ReadonlyArray<EntryFact>
  /** When the newest exported entry began (milliseconds since the epoch), however long ago; null when there is none. */
  readonly exportedUntil: number | null
  readonly absences: ReadonlyArray<AbsenceFact>
  readonly projects: ReadonlyMap<string, { readonly archived: boolean }>
  readonly invoices: ReadonlyArray<InvoiceFacts>
}

export interface Undone {
  readonly runs: number
  readonly entries: number
  /** Entries that people have changed, approved or exported since: left as they are. */
  readonly kept: number
}

/** The API's `entries`, `absences`, `projects` and `invoices`, as automations read and write them. Every call names its tenant. */
export class TimeSheets extends Context.Service<TimeSheets, {
  /** What these tables lack for this action, in plain words; null when it can be done. */
  readonly lacks: (action: Action) => Effect.Effect<string | null, AutomationError>
  /** Entries that touch the dates, absences, projects, invoices. */
  readonly read: (tenantId: TenantId, tenantUserId: string, query: TimeSheetQuery) => Effect.Effect<TimeSheet, AutomationError>
  /**
   * Writes a plan's rows as one run's work, each with source, automation and occurrence; says how many. To be called within
   * `AutomationRuns.once`. What people have changed since it was read is left alone.
   */
  readonly write: (key: RunKey, plan: Plan) => Effect.Effect<number, AutomationError>
  /** Takes back what runs of an automation wrote: those of one occurrence, or all that are remembered. Events stay sent. */
  readonly undo: (tenantId: TenantId, tenantUserId: string, automationId: string, occurrence: DateTime.Utc | null) => Effect.Effect<Undone, AutomationError>
}>()("tt-worker/services/TimeSheets") {}
