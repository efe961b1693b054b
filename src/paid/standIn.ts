import type { BreakerOpen } from "../services/Breaker.ts"
import type { LimitReached } from "../services/Limits.ts"
import type { PaidCallsError } from "../services/PaidCalls.ts"
import type { ProviderError } from "./breakerWitness.ts"

/**
 * Whether the offline reader may stand in, where that is switched on: the provider is down, refuses, or its budget is
 * used up. Not for a pause of seconds, and not for a document that is to blame itself.
 */
export const mayStandIn = (error: ProviderError | BreakerOpen | LimitReached | PaidCallsError): boolean => {
  switch (error._tag) {
    case "BreakerOpen":
      return true
    case "LimitReached":
      return false
    case "PaidCallsError":
      return error.reason._tag === "MonthlyLimit"
    case "VisionError":
      return error.reason._tag === "Denied"
    case "ExtractorError":
      return error.retry._tag === "Permanent"
  }
}
