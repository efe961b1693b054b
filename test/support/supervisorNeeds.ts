import { Effect, Layer } from "effect"
import { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import { noControls, QueueControls } from "../../src/services/QueueControls.ts"
import { carefreeClaims } from "./jobClaims.ts"

/** What the tree stands on beside its queues: nobody dies, nobody commands; `beat` is run when the process shows itself, `left` when it leaves the list. */
export const supervisorNeeds = ({ beat = Effect.void, left = Effect.void }: { readonly beat?: Effect.Effect<void>; readonly left?: Effect.Effect<void> } = {}) =>
  Layer.mergeAll(
    carefreeClaims,
    Layer.succeed(ProcessRegistry, { id: "p", beat, leave: left }),
    Layer.mock(QueueControls, { read: Effect.succeed(noControls) })
  )
