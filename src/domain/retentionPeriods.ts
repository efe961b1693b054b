import { Duration } from "effect"

export interface KeptFor {
  /** Counted from when nobody needs the row any more. */
  readonly keep: Duration.Duration
  /** Rows of one statement: no long lock, no long transaction. */
  readonly batch: number
}

/**
 * How long what the worker writes down is kept where the operator says nothing else (`RETENTION`): one line for each store.
 * The store itself is a line of `layers/postgres/retentionStores.ts`; the README's table shows both.
 */
export const retentionPeriods = {
  "runs": { keep: Duration.days(14), batch: 5_000 },
  "processes": { keep: Duration.days(1), batch: 1_000 },
  "job-histories": { keep: Duration.days(7), batch: 5_000 },
  "operators-commands": { keep: Duration.days(365), batch: 1_000 },
  "refused-jobs": { keep: Duration.days(90), batch: 1_000 },
  "idle-limits": { keep: Duration.zero, batch: 1_000 },
  "claims-of-deleted-invoices": { keep: Duration.days(30), batch: 1_000 },
  "records-of-deleted-files": { keep: Duration.days(30), batch: 1_000 },
  // For so long a run can be undone; a run is repeated by nothing that is as old.
  "automation-runs": { keep: Duration.days(90), batch: 2_000 },
  // A year and a bit: an admin looks for last year's invoice. What content was imported is never forgotten.
  "mails": { keep: Duration.days(400), batch: 5_000 },
  "mail-requests": { keep: Duration.days(400), batch: 5_000 },
  "webhook-deliveries": { keep: Duration.days(90), batch: 2_000 },
  "records-of-deleted-deliveries": { keep: Duration.days(30), batch: 1_000 },
  "paid-calls": { keep: Duration.days(400), batch: 1_000 },
  "unfinished-paid-calls": { keep: Duration.days(1), batch: 100 },
  "readers-of-deleted-invoices": { keep: Duration.zero, batch: 1_000 },
  "kept-answers": { keep: Duration.days(90), batch: 500 },
  "answers-of-deleted-invoices": { keep: Duration.zero, batch: 500 }
} as const satisfies Readonly<Record<string, KeptFor>>

export type StoreName = keyof typeof retentionPeriods
export type RetentionPeriods = Readonly<Record<StoreName, KeptFor>>
export const storeNames = Object.keys(retentionPeriods).filter((name): name is StoreName => name in retentionPeriods)
