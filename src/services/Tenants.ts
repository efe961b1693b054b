import { Context, Data, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Features } from "../domain/Features.ts"
import type { TenantId } from "../domain/ids.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

/** The `tenants` table, read only. */
export class Tenants extends Context.Service<Tenants, {
  /** What the tenant has switched on; null when there is no such tenant. */
  readonly features: (tenantId: TenantId) => Effect.Effect<Features | null, TenantsError>
}>()("tt-worker/services/Tenants") {}

export class TenantsError
  extends Data.TaggedError("TenantsError")<{ readonly tenantId: string; readonly reason: "unavailable" | "unreadable-features"; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `tenant ${this.tenantId}: ${this.detail}`
  }
  get code(): string {
    return this.reason === "unavailable" ? "database-unavailable" : "features-unreadable"
  }
  get retry(): Retry {
    return this.reason === "unavailable" ? Retry.RateLimited({ after: databasePause }) : Retry.Permanent()
  }
  get plainWords(): string {
    return this.reason === "unavailable"
      ? "The invoice could not be loaded because of a fault on our side. Please have it processed again later."
      : "The settings of your firm could not be read. Please tell the support, then have the invoice processed again."
  }
}
