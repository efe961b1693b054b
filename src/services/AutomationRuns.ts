import { Context, type DateTime, type Effect } from "effect"
import type { AutomationId } from "../domain/automation/Automation.ts"
import type { TenantId } from "../domain/ids.ts"
import type { ScheduledRun } from "../domain/ScheduledRun.ts"
import type { CatchUp, ScheduleSpec } from "../domain/ScheduleSpec.ts"
import type { AutomationError } from "./AutomationError.ts"
import type { SchedulesError } from "./Schedules.ts"

/** An automation and a time: there is one run of it, ever. */
export interface RunKey {
  readonly tenantId: TenantId
  readonly tenantUserId: string
  readonly automationId: AutomationId
  readonly occurrence: DateTime.Utc
  /** Earlier runs that this one stands for. */
  readonly missed: number
}

export interface AutomationUser {
  readonly name: string | null
  readonly archived: boolean
  /** `tenant_users.country`, where somebody has said it. */
  readonly country: string | null
  /** jsonb, not yet looked at. */
  readonly automations: unknown
}

/** How a run ended. `nothing`: there was nothing to do, the note says why. */
export interface RunResult {
  readonly outcome: "done" | "nothing"
  readonly note: string | null
  readonly entries: number
  readonly events: number
}

/** A scheduled run that a job holds (`Schedules.begin`). */
export interface HeldRun {
  readonly scheduled: ScheduledRun
  readonly holder: string
}

/** A schedule whose time has come, though no job was made for it yet. */
export interface DueSchedule {
  readonly automationId: string
  readonly key: string
  readonly spec: ScheduleSpec
  readonly catchUp: CatchUp
  readonly nextRunAt: DateTime.Utc
}

/** Runs that wait for somebody to do them. */
export interface DueWork {
  /** Runs that were made and not begun. */
  readonly runs: ReadonlyArray<{ readonly automationId: string; readonly scheduled: ScheduledRun }>
  readonly schedules: ReadonlyArray<DueSchedule>
  /** By the database's clock. */
  readonly now: DateTime.Utc
}

/** Runs of automations: each happens once, together with what it does. Every call names its tenant. */
export class AutomationRuns extends Context.Service<AutomationRuns, {
  /** The user, in this tenant; null when there is none. */
  readonly user: (tenantId: TenantId, tenantUserId: string) => Effect.Effect<AutomationUser | null, AutomationError>
  /**
   * Does the work in one transaction with the record of the run and the end of the scheduled run, alone among the runs of
   * this user: all of it, or nothing. `already-done`: there is a run of this key. Fails with `taken` when another job
   * holds the scheduled run by now.
   */
  readonly once: <E, R>(
    key: RunKey,
    by: { readonly jobId: string; readonly held: HeldRun | null },
    work: Effect.Effect<RunResult, E, R>
  ) => Effect.Effect<RunResult | "already-done", E | AutomationError | SchedulesError, R>
  /** Records that a run failed for good, unless there is a run of this key. `off`: the action cannot be done on these tables. */
  readonly fail: (key: RunKey, by: { readonly jobId: string; readonly held: HeldRun | null }, reason: string, off: boolean) => Effect.Effect<void, AutomationError | SchedulesError>
  /** What is due of a user's automations and that no live job has in its hands. */
  readonly due: (tenantId: TenantId, tenantUserId: string) => Effect.Effect<DueWork, AutomationError>
}>()("tt-worker/services/AutomationRuns") {}
