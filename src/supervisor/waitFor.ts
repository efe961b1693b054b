import { Duration, Effect, Ref, Schedule } from "effect"

const tryEvery = Duration.seconds(2)
/** A line at once and then every half a minute: enough to see, not enough to fill a disk. */
const tellEvery = 15

/**
 * Tries again every two seconds for as long as the failure is one that passes by itself, telling it now and then;
 * any other failure is passed on at once. For servers that are not there yet when this process starts.
 */
export const waitFor = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: { readonly comesBack: (error: E) => boolean; readonly tell: (error: E) => string }
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Ref.make(0), (tries) =>
    effect.pipe(
      Effect.tapError((error) =>
        Ref.getAndUpdate(tries, (count) => count + 1).pipe(
          Effect.flatMap((count) => options.comesBack(error) && count % tellEvery === 0 ? Effect.logWarning(options.tell(error)) : Effect.void)
        )
      ),
      Effect.retry({ schedule: Schedule.spaced(tryEvery), while: options.comesBack })
    ))
