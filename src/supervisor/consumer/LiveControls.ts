import { Context, Effect, Layer, SubscriptionRef } from "effect"
import type { Controls } from "../../services/QueueControls.ts"

/** What operators want, as this process last read it; null until then: no job is taken before. */
export class LiveControls extends Context.Service<LiveControls, SubscriptionRef.SubscriptionRef<Controls | null>>()("tt-worker/supervisor/LiveControls") {
  static readonly layer: Layer.Layer<LiveControls> = Layer.effect(LiveControls, SubscriptionRef.make<Controls | null>(null))
  /** For tests and one-shot commands. */
  static readonly fixed = (controls: Controls): Layer.Layer<LiveControls> => Layer.effect(LiveControls, SubscriptionRef.make<Controls | null>(controls))
  static readonly set = (controls: Controls) => Effect.flatMap(LiveControls, (ref) => SubscriptionRef.set(ref, controls))
}
