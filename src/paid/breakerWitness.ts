import type { BreakerWitness } from "../services/Breaker.ts"
import type { ExtractorError } from "../services/InvoiceExtractor.ts"
import type { VisionError } from "../services/Vision.ts"

/** What a call to a paid provider fails with. */
export type ProviderError = VisionError | ExtractorError

/** Failures further apart than this have nothing to do with each other. */
const together = 120_000

/** Who has met something lately, by key. */
const makeMeetings = () => {
  const met = new Map<string, Map<string, number>>()
  /** How many different ones have met it within the time, this one included. */
  return (key: string, who: string, now: number): number => {
    for (const [known, seen] of met) {
      for (const [other, at] of seen) if (now - at > together) seen.delete(other)
      if (seen.size === 0) met.delete(known)
    }
    const seen = met.get(key) ?? new Map<string, number>()
    met.set(key, seen.set(who, now))
    return seen.size
  }
}

/** For whom and for which file a call is made. */
export interface CallOf {
  readonly provider: string
  readonly tenantId: string
  readonly sha256: string
}

/** What a failure says to the breaker that all tenants share, and to the tenant's own. */
export interface Witness {
  readonly shared: BreakerWitness
  readonly own: BreakerWitness
}

/**
 * What a failed call says about its provider. That nobody was reached counts for everybody. A time limit or a fault inside
 * the provider may be the document's doing, so that no tenant's documents open the breaker for all: it counts for all only
 * when it meets two tenants within two minutes, and for the tenant itself when it meets two of its files. Kept by each
 * process for itself.
 */
export const makeWitness = () => {
  const tenants = makeMeetings()
  const files = makeMeetings()
  return ({ provider, sha256, tenantId }: CallOf, now: number, error: ProviderError): Witness => {
    if (error.reason._tag !== "Unavailable") return { shared: "nothing", own: "nothing" }
    if (error.mayHaveRun !== true) return { shared: "down", own: "nothing" }
    return {
      shared: tenants(provider, tenantId, now) > 1 ? "down" : "nothing",
      own: files(`${provider} ${tenantId}`, sha256, now) > 1 ? "down" : "nothing"
    }
  }
}
