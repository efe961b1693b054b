import { Effect, Layer } from "effect"
import { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import { noControls, QueueControls } from "../../src/services/QueueControls.ts"
import { carefreeClaims } from "./jobClaims.ts"

/** What the tree stands on beside its queues: nobody dies, nobody commands; `left` is run when the process leaves the list. */
export const supervisorNeeds = (left: Effect.Effect<void> = Effect.void) =>
  Layer.mergeAll(
    carefreeClaims,
    Layer.succeed(ProcessRegistry, { id: "p", beat: Effect.void, leave: left }),
    Layer.mock(QueueControls, { read: Effect.succeed(noControls) })
  )
