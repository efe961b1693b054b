import { Context, Data, type DateTime, type Duration, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { Failure } from "../domain/Failure.ts"
import type { TenantId } from "../domain/ids.ts"
import { databasePause, Retry } from "../domain/Retry.ts"
import type { ScheduledRun } from "../domain/ScheduledRun.ts"
import type { CatchUp, ScheduleSpec } from "../domain/ScheduleSpec.ts"

/** What a due run sets off. */
export type ScheduleTarget = Data.TaggedEnum<{
  /** A job with this data and, beside it, `scheduled`: the run (see `ScheduledRun`). */
  Job: { readonly queue: QueueName; readonly data: Readonly<Record<string, unknown>> }
  /** A task of the worker's own, run within the process that takes it. */
  Task: { readonly name: string }
}>
export const ScheduleTarget = Data.taggedEnum<ScheduleTarget>()

export interface ScheduleRegistration {
  /** Whose it is: "email-sync", "automation", "retention". Small letters, digits and hyphens, at most 40. */
  readonly kind: string
  /** Unique within the kind; the schedule is the same one, with the same grid, for as long as the key is. */
  readonly key: string
  /** null for the worker's own. */
  readonly tenantId: TenantId | null
  readonly target: ScheduleTarget
  readonly spec: ScheduleSpec
  readonly catchUp: CatchUp
  /** While false nothing runs, and nothing of that time is made up for. */
  readonly enabled: boolean
}

export interface RegisteredSchedule extends ScheduleRegistration {
  /** null when it is disabled or never runs again. */
  readonly nextRunAt: DateTime.Utc | null
  readonly lastRunAt: DateTime.Utc | null
  /** Why the scheduler has stopped it: its row can no longer be read. Registering it again starts it. */
  readonly fault: string | null
}

/** Which schedules to remove. Nothing but the tenant: all of that tenant's. */
export interface ScheduleSelection {
  readonly kind?: string
  readonly key?: string
  readonly keyPrefix?: string
}

/**
 * Whether the holder may do the work of a run: yes, or somebody else is at it, or it was done, or nothing is known of
 * it (its record was tidied away long ago).
 */
export type BeginAnswer = "begun" | "busy" | "finished" | "unknown"

export type RunOutcome = Data.TaggedEnum<{ Done: {}; Failed: { readonly reason: string } }>
export const RunOutcome = Data.taggedEnum<RunOutcome>()

/**
 * What is to happen when, as rows in PostgreSQL; the scheduler does the rest. A due run is a schedule and a time: it
 * is enqueued once, however many replicas look, and counts as open until `finish` says how it ended.
 */
export class Schedules extends Context.Service<Schedules, {
  /**
   * Adds or changes schedules, all of a thousand or none; says how many were changed. Registering the same again
   * changes nothing, so every start may do it. A changed spec takes its next run from now; what has been enqueued
   * stays. Takes effect within seconds. Fails with `Foreign` where a key is another tenant's.
   */
  readonly register: (registrations: ReadonlyArray<ScheduleRegistration>) => Effect.Effect<number, SchedulesError>
  /** Removes schedules with their future runs; says how many. Runs that are enqueued go on. */
  readonly remove: (tenantId: TenantId | null, selection: ScheduleSelection) => Effect.Effect<number, SchedulesError>
  readonly list: (tenantId: TenantId | null) => Effect.Effect<ReadonlyArray<RegisteredSchedule>, SchedulesError>
  /**
   * Takes a run for `holder` (the job's id) until the lease ends: of two jobs for one run, made because one seemed to
   * be lost, only one is told `begun`. The same holder may begin again, and thereby renew its lease.
   */
  readonly begin: (tenantId: TenantId | null, run: ScheduledRun, holder: string, lease: Duration.Duration) => Effect.Effect<BeginAnswer, SchedulesError>
  /** Records how a run ended; false where that is known already or another holder has it. A failed run may still be done later. */
  readonly finish: (tenantId: TenantId | null, run: ScheduledRun, holder: string, outcome: RunOutcome) => Effect.Effect<boolean, SchedulesError>
}>()("tt-worker/services/Schedules") {}

export class SchedulesError
  extends Data.TaggedError("SchedulesError")<{
    readonly reason: "unavailable" | "misfit" | "invalid" | "foreign"
    readonly detail: string
    readonly cause?: unknown
  }>
  implements Failure
{
  override get message(): string {
    return `schedules: ${this.detail}`
  }
  get code(): string {
    return this.reason === "unavailable" ? "database-unavailable" : this.reason === "misfit" ? "database-misfit" : `schedule-${this.reason}`
  }
  get retry(): Retry {
    return this.reason === "unavailable" ? Retry.RateLimited({ after: databasePause }) : Retry.Permanent()
  }
  get plainWords(): string {
    return this.reason === "invalid"
      ? "The time plan cannot be read. Please check it."
      : "The time plan could not be saved because of a fault on our side. Please try again later."
  }
}
