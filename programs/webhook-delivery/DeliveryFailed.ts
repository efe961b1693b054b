import { Data, type Duration } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import { Retry } from "../../src/domain/Retry.ts"
import { outcomeInWords } from "../../src/domain/webhookOutcome.ts"

/**
 * An attempt that did not deliver, already on record. The webhook's schedule has decided: again after `next`, or never
 * again when it is null, whatever number of attempts the job was added with.
 */
export class DeliveryFailed
  extends Data.TaggedError("DeliveryFailed")<{ readonly errorClass: string; readonly attempt: number; readonly next: Duration.Duration | null }>
  implements Failure
{
  override get message(): string {
    return `attempt ${this.attempt}: ${outcomeInWords(this.errorClass)}`
  }
  get code(): string {
    return this.errorClass
  }
  get retry(): Retry {
    return this.next === null ? Retry.Permanent() : Retry.RateLimited({ after: this.next })
  }
  get plainWords(): string {
    return outcomeInWords(this.errorClass)
  }
}
