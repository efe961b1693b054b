import { Context, Effect } from "effect"

/**
 * For whom the work is done that runs here; null for the worker's own rounds over all tenants. Where the operator has
 * switched on row-level security (deploy/postgres/row-level-security.sql), the database then shows no other tenant's
 * rows, whatever a statement says. Nothing else goes by it: every call names its tenant.
 */
export const CurrentTenant = Context.Reference<string | null>("tt-worker/services/CurrentTenant", { defaultValue: () => null })

/** What runs inside is done for this tenant. */
export const forTenant = (tenantId: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, CurrentTenant, tenantId)
