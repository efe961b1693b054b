import { Context, type DateTime, type Duration, type Effect, type Option, type Scope } from "effect"
import type { TenantId } from "../domain/ids.ts"
import type { ScheduledRun } from "../domain/ScheduledRun.ts"
import type { SchedulesError } from "./Schedules.ts"

/** What one look at the schedules came to. */
export interface DueTick {
  /** Schedules that were due and that this replica took. */
  readonly taken: number
  readonly enqueued: number
  /** Runs of the worker's own tasks, to be taken with `takeTasks`. */
  readonly tasks: number
  /** Runs that nobody makes up for (`skip`, or beyond the cap of `each`). */
  readonly skipped: number
  /** Schedules stopped because their rows cannot be read: kind and key. */
  readonly faults: ReadonlyArray<string>
  /** Whether there may be more: as many were due as could be taken. */
  readonly full: boolean
}

/** A run of one of the worker's own tasks, held until its lease ends. */
export interface TaskRun {
  readonly task: string
  readonly tenantId: TenantId | null
  readonly run: ScheduledRun
}

/** A run that was enqueued some time ago and of whose end nothing is known. */
export interface OpenRun {
  readonly schedule: string
  readonly at: DateTime.Utc
  readonly tenantId: TenantId | null
  readonly queue: string
  readonly jobId: string
}

/**
 * The scheduler's and the reconciler's side of the schedules: sweeps over all tenants, which give ids only. All clocks
 * are the database's.
 */
export class DueRuns extends Context.Service<DueRuns, {
  /**
   * Takes up to `limit` schedules that are due and, in one transaction, makes their runs, enqueues them and moves the
   * schedules on. Replicas that look at the same moment take different ones. When there was more than could be taken,
   * half of the next look goes round the tenants, so that nobody waits behind one with very many.
   */
  readonly enqueueDue: (options: { readonly limit: number; readonly by: string }) => Effect.Effect<DueTick, SchedulesError>
  /** How long until the nearest schedule is due or a task's run is free: zero when it is now, none when there is nothing. */
  readonly untilNext: (tasks: ReadonlyArray<string>) => Effect.Effect<Option.Option<Duration.Duration>, SchedulesError>
  /** Takes runs of these tasks; one whose lease is over is taken again, since its process has died. */
  readonly takeTasks: (options: {
    readonly tasks: ReadonlyArray<string>
    readonly by: string
    readonly lease: Duration.Duration
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<TaskRun>, SchedulesError>
  /** Waits for somebody to register a schedule, from the moment of asking. */
  readonly changed: Effect.Effect<Effect.Effect<void, SchedulesError>, SchedulesError, Scope.Scope>
  /**
   * Runs that nobody has finished or has in hand, enqueued and looked at longer ago than this, those first that were looked at
   * longest ago: the reconciler asks the queue about each. One that was enqueued again is given twice the time, and so on.
   */
  readonly open: (options: { readonly olderThan: Duration.Duration; readonly limit: number }) => Effect.Effect<ReadonlyArray<OpenRun>, SchedulesError>
  /**
   * Enqueues those of these runs again that are still open, each under a new job id; says how many. Two replicas that try it
   * enqueue one job. One that was enqueued a dozen times, and whose job never said how it ended, has failed.
   */
  readonly enqueueAgain: (runs: ReadonlyArray<OpenRun>) => Effect.Effect<number, SchedulesError>
  /** The jobs of these are alive: others are looked at first, the next time. */
  readonly recordAlive: (runs: ReadonlyArray<OpenRun>) => Effect.Effect<void, SchedulesError>
}>()("tt-worker/services/DueRuns") {}
