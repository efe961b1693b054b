import { Data } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

/**
 * `unavailable`: the database. `misfit`: its tables do not take what is written; the detail says what. `taken`: another
 * job has this run by now, nothing was written.
 */
export class AutomationError
  extends Data.TaggedError("AutomationError")<{ readonly reason: "unavailable" | "misfit" | "taken"; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `automations: ${this.detail}`
  }
  get code(): string {
    return this.reason === "unavailable" ? "database-unavailable" : this.reason === "misfit" ? "database-misfit" : "run-taken"
  }
  get retry(): Retry {
    return this.reason === "misfit" ? Retry.Permanent() : Retry.RateLimited({ after: databasePause })
  }
  get plainWords(): string {
    return "The automation could not run because of a fault on our side. It will not have done half of its work."
  }
}
