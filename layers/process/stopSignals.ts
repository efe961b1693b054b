import { Deferred, Duration, Effect } from "effect"

/** Beyond the grace, what still holds the process gets this long. */
const afterGrace = Duration.seconds(5)

/** Ctrl-C reaches the whole process group, and a parent such as npm may pass it on: that is one signal, not two. */
const sameSignalMillis = 300

/**
 * What happens after the first SIGTERM or SIGINT (which interrupts the main fiber): a second one resolves `hurry`, and
 * the process ends by force, with status 1, when something still holds it five seconds after the grace.
 */
export const watchStopSignals = (grace: Duration.Duration) =>
  Effect.gen(function*() {
    const hurry = yield* Deferred.make<void>()
    let firstAt: number | null = null
    const onSignal = (): void => {
      const now = performance.now()
      if (firstAt === null) {
        firstAt = now
        setTimeout(() => process.exit(1), Duration.toMillis(Duration.sum(grace, afterGrace))).unref()
      } else if (now - firstAt > sameSignalMillis) {
        Deferred.doneUnsafe(hurry, Effect.void)
      }
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        process.on("SIGTERM", onSignal)
        process.on("SIGINT", onSignal)
      }),
      () =>
        Effect.sync(() => {
          process.off("SIGTERM", onSignal)
          process.off("SIGINT", onSignal)
        })
    )
    return { hurry: Deferred.await(hurry) }
  })
