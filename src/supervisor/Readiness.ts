import { Context, Effect, Layer, Ref } from "effect"

/** Whether this process takes jobs now: false while it starts and from the moment it drains. */
export class Readiness extends Context.Service<Readiness, {
  readonly isReady: Effect.Effect<boolean>
  readonly set: (ready: boolean) => Effect.Effect<void>
}>()("tt-worker/supervisor/Readiness") {
  static readonly layer: Layer.Layer<Readiness> = Layer.effect(
    Readiness,
    Effect.map(Ref.make(false), (ready) => ({ isReady: Ref.get(ready), set: (now) => Ref.set(ready, now) }))
  )
}
