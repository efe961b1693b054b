import { Context, type Duration, Effect, Latch, Layer, Option, Semaphore } from "effect"

/**
 * Whether jobs may run side by side in this process. A job that is suspected of killing its process runs alone, so that
 * a further death is certainly its doing: nothing new begins while it waits for the others to end and while it runs.
 */
export class Solitude extends Context.Service<Solitude, {
  /** Resolves when jobs may begin: nobody is alone or wants to be. */
  readonly open: Effect.Effect<void>
  readonly isOpen: Effect.Effect<boolean>
  /** Runs among others; None, without having begun, while somebody is alone or wants to be. */
  readonly among: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  /** Runs when nothing else does; None, without having begun, when the others have not ended within `patience`. */
  readonly alone: <A, E, R>(patience: Duration.Duration, effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
}>()("tt-worker/supervisor/Solitude") {
  static readonly layer: Layer.Layer<Solitude> = Layer.effect(
    Solitude,
    Effect.gen(function*() {
      const opened = yield* Latch.make(true)
      const empty = yield* Latch.make(true)
      const one = yield* Semaphore.make(1)
      let running = 0
      let wanted = 0

      const left = Effect.suspend(() => --running === 0 ? empty.open : Effect.void)

      return Solitude.of({
        open: opened.await,
        isOpen: Effect.sync(() => wanted === 0),
        among: (effect) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.suspend(() => {
              if (wanted > 0) return Effect.succeedNone
              running++
              return empty.close.pipe(Effect.andThen(restore(effect)), Effect.ensuring(left), Effect.asSome)
            })),
        alone: (patience, effect) =>
          Effect.acquireUseRelease(
            Effect.suspend(() => {
              wanted++
              return opened.close
            }),
            () =>
              one.withPermits(1)(
                empty.await.pipe(
                  Effect.timeoutOption(patience),
                  Effect.flatMap(Option.match({ onNone: () => Effect.succeedNone, onSome: () => Effect.asSome(effect) }))
                )
              ),
            () => Effect.suspend(() => --wanted === 0 ? opened.open : Effect.void)
          )
      })
    })
  )
}
