import type { Schema } from "effect"

/** An entry to be logged. Instants are milliseconds since the epoch. */
export interface NewEntry {
  readonly start: number
  readonly end: number
  readonly breakMinutes: number | null
  readonly projectId: string | null
  readonly taskId: string | null
  readonly note: string | null
  readonly status: string
}

/** An event to be sent; what it carries beside who, which automation and when. */
export interface NewEvent {
  readonly event: string
  readonly payload: Readonly<Record<string, Schema.Json>>
}

/** What one run does, decided before anything is written. */
export interface Plan {
  readonly create: ReadonlyArray<NewEntry>
  /** Running entries with the status that they were seen in, and when they end. */
  readonly close: ReadonlyArray<{ readonly entryId: string; readonly status: string; readonly end: number }>
  /** Drafts and the status that they get. */
  readonly submit: ReadonlyArray<{ readonly entryId: string; readonly status: string }>
  readonly events: ReadonlyArray<NewEvent>
  /** Why there is nothing to do, or what was left out: for the admin. */
  readonly note: string | null
}

export const emptyPlan: Plan = { create: [], close: [], submit: [], events: [], note: null }

/** Nothing to do, and why. */
export const nothing = (note: string): Plan => ({ ...emptyPlan, note })

/** Most entries that one run writes. */
export const mostRows = 100

export const rowsOf = ({ close, create, submit }: Plan): number => create.length + close.length + submit.length

/** The plan with no more rows than a run may write: the first ones. */
export const capped = (plan: Plan): Plan => {
  const rows = rowsOf(plan)
  if (rows <= mostRows) return plan
  const create = plan.create.slice(0, mostRows)
  const close = plan.close.slice(0, mostRows - create.length)
  const submit = plan.submit.slice(0, mostRows - create.length - close.length)
  return { ...plan, create, close, submit, note: `only the first ${mostRows} of ${rows} entries: that is the most that one run writes` }
}
