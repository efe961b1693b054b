import { Console, Data, Effect } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { migrateQueue } from "../../src/moving/migrateQueue.ts"
import { table } from "./table.ts"

export class DryRunOrApply extends Data.TaggedError("DryRunOrApply") {
  override get message(): string {
    return "say either --dry-run (show only) or --apply"
  }
}

/** `migrate-queues --dry-run|--apply`. */
export const migrateQueues = Command.make(
  "migrate-queues",
  {
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Only show what an older BullMQ has left"), Flag.withDefault(false)),
    apply: Flag.Boolean("apply").pipe(Flag.withDescription("Turn it into the worker's own"), Flag.withDefault(false)),
    by: Flag.String("by").pipe(Flag.withDescription("Who wants it, for the record"), Flag.withDefault("command line"))
  },
  Effect.fnUntraced(function*({ apply, by, dryRun }) {
    if (apply === dryRun) return yield* new DryRunOrApply()
    const steps = (yield* Effect.forEach(Object.values(QUEUE_NAMES), (queue) => migrateQueue(queue, { apply, by }))).flat()
    if (steps.length === 0) return yield* Console.log("no queue is paused by BullMQ, and none has repeatable jobs of an older version")
    yield* Console.log(table([["queue", "found", "what becomes of it"], ...steps.map(({ outcome, queue, what }) => [queue, what, outcome])]))
  })
).pipe(Command.withDescription("Take over what an older BullMQ has left in the queues: its pause, and its repeatable jobs"))
