import { Data, Duration } from "effect"
import type { RestartLimit } from "./RestartIntensity.ts"

/** A supervisor gave up on a child that needed too many restarts. Its parent decides; that of the root ends the process. */
export class TreeFailed extends Data.TaggedError("TreeFailed")<{
  readonly supervisor: string
  readonly child: string
  readonly limit: RestartLimit
  /** How the child ended for the last time: where it is a supervisor, the message of its own giving up. */
  readonly reason: string
}> {
  /** One line: the whole chain, the innermost reason last. */
  override get message(): string {
    const { child, limit: { restarts, within }, reason, supervisor } = this
    return `${supervisor} gave up on ${child} (more than ${restarts} restarts within ${Duration.format(within)}): ${reason}`
  }
}
