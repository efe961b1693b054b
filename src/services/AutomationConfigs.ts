import { Context, type Effect, type Scope } from "effect"
import type { TenantId } from "../domain/ids.ts"
import type { AutomationError } from "./AutomationError.ts"
import type { ScheduleRegistration } from "./Schedules.ts"

/** One user's `automations`, as the API has written them. */
export interface UserAutomations {
  readonly tenantId: TenantId
  readonly tenantUserId: string
  /** jsonb, not yet looked at. */
  readonly automations: unknown
}

export type AutomationState = "active" | "disabled" | "bad" | "not-taken-over" | "action-off"

/** What the admin page shows of an automation. */
export interface AutomationStatus {
  readonly automationId: string
  readonly name: string
  readonly state: AutomationState
  readonly reason: string | null
  /** The key of its schedule; null where it has none. */
  readonly scheduleKey: string | null
}

/** What becomes of a user's automations: one status each, and the schedules of those that run. */
export interface AutomationDecision {
  readonly statuses: ReadonlyArray<AutomationStatus>
  readonly registrations: ReadonlyArray<ScheduleRegistration>
}

/**
 * Follows `tenant_users.automations` and keeps the schedules current with it. Never writes that column. Sweeps over all
 * tenants; each user is read by tenant and id.
 */
export class AutomationConfigs extends Context.Service<AutomationConfigs, {
  /** Waits for the API to change a user, from the moment of asking; never heard where the triggers could not be made. */
  readonly changed: Effect.Effect<Effect.Effect<void, AutomationError>, AutomationError, Scope.Scope>
  /**
   * Compares all users with what is registered, in pages; notes those that differ and says how many. Does nothing when a
   * replica has done so recently: null then. How often it is due depends on whether triggers tell of changes.
   */
  readonly compare: Effect.Effect<number | null, AutomationError>
  /**
   * Takes up to `limit` of the noted users and, in one transaction, registers what `decide` says and removes what is no
   * longer there; says how many it took. Replicas that do so at the same moment take different ones. A user who is
   * archived or gone, or whose tenant is gone, has no automations: `decide` is not asked.
   */
  readonly apply: (
    limit: number,
    decide: (user: UserAutomations) => Effect.Effect<AutomationDecision, AutomationError>
  ) => Effect.Effect<number, AutomationError>
}>()("tt-worker/services/AutomationConfigs") {}
