import { Context, Duration, Effect, Layer, Ref, Schedule } from "effect"

const lookEvery = Duration.millis(50)

/** Whether this process takes jobs now: false while it starts, from the moment it drains, and while it cannot. */
export class Readiness extends Context.Service<Readiness, {
  /** What is in the way, in words for an operator without any secret; none when it is ready. */
  readonly obstacles: Effect.Effect<ReadonlyArray<string>>
  readonly isReady: Effect.Effect<boolean>
  /** Resolves when it is. */
  readonly ready: Effect.Effect<void>
  /** From now on it is ready when this finds nothing, asked each time. */
  readonly follow: (obstacles: Effect.Effect<ReadonlyArray<string>>) => Effect.Effect<void>
}>()("tt-worker/supervisor/Readiness") {
  static readonly layer: Layer.Layer<Readiness> = Layer.effect(
    Readiness,
    Effect.map(Ref.make<Effect.Effect<ReadonlyArray<string>>>(Effect.succeed(["it is starting"])), (current) => {
      const obstacles = Effect.flatten(Ref.get(current))
      const isReady = Effect.map(obstacles, (found) => found.length === 0)
      return {
        obstacles,
        isReady,
        ready: Effect.asVoid(Effect.repeat(isReady, { until: (ready) => ready, schedule: Schedule.spaced(lookEvery) })),
        follow: (found) => Ref.set(current, found)
      }
    })
  )
}
