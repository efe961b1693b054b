import { Context, Duration, Effect, Layer, Ref, Schedule } from "effect"

const lookEvery = Duration.millis(50)

/** Whether this process takes jobs now: false while it starts, from the moment it drains, and while it cannot. */
export class Readiness extends Context.Service<Readiness, {
  readonly isReady: Effect.Effect<boolean>
  /** Resolves when it is. */
  readonly ready: Effect.Effect<void>
  /** From now on it is ready when this says so, asked each time. */
  readonly follow: (condition: Effect.Effect<boolean>) => Effect.Effect<void>
  readonly set: (ready: boolean) => Effect.Effect<void>
}>()("tt-worker/supervisor/Readiness") {
  static readonly layer: Layer.Layer<Readiness> = Layer.effect(
    Readiness,
    Effect.map(Ref.make<Effect.Effect<boolean>>(Effect.succeed(false)), (condition) => {
      const isReady = Effect.flatten(Ref.get(condition))
      return {
        isReady,
        ready: Effect.asVoid(Effect.repeat(isReady, { until: (ready) => ready, schedule: Schedule.spaced(lookEvery) })),
        follow: (now) => Ref.set(condition, now),
        set: (ready) => Ref.set(condition, Effect.succeed(ready))
      }
    })
  )
}
