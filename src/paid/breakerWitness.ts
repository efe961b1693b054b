import type { BreakerWitness } from "../services/Breaker.ts"
import type { ExtractorError } from "../services/InvoiceExtractor.ts"
import type { VisionError } from "../services/Vision.ts"

/** What a call to a paid provider fails with. */
export type ProviderError = VisionError | ExtractorError

/** Failures further apart than this have nothing to do with each other. */
const together = 120_000

/**
 * What a failed call says about its provider, so that no tenant's documents open the breaker for all: a time limit or
 * a fault inside the provider may be the document's doing, and counts only when it meets two tenants within two
 * minutes. That nobody was reached counts always. Kept by each process for itself.
 */
export const makeWitness = () => {
  /** By provider and tenant, when such a failure was seen last. */
  const seen = new Map<string, Map<string, number>>()
  return (provider: string, tenantId: string, now: number) => (error: ProviderError): BreakerWitness => {
    if (error.reason._tag !== "Unavailable") return "nothing"
    if (error.mayHaveRun !== true) return "down"
    const tenants = seen.get(provider) ?? new Map<string, number>()
    seen.set(provider, tenants)
    for (const [tenant, at] of tenants) if (now - at > together) tenants.delete(tenant)
    tenants.set(tenantId, now)
    return tenants.size > 1 ? "down" : "nothing"
  }
}
