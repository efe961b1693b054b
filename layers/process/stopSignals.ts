import { Deferred, Duration, Effect } from "effect"

/** Beyond the grace, or after a second signal, what still holds the process gets this long. */
const afterGrace = Duration.seconds(5)

/** Ctrl-C reaches the whole process group, and a parent such as npm may pass it on: that is one signal, not two. */
const sameSignalMillis = 300

/**
 * What happens after the first SIGTERM or SIGINT (which interrupts the main fiber): a second one resolves `hurry`, and
 * the process ends by force when something still holds it five seconds after the grace, or after the second signal: with
 * status 0 where it was told `drained` (all jobs are finished or handed back), else with 1.
 */
export const watchStopSignals = (grace: Duration.Duration) =>
  Effect.gen(function*() {
    const hurry = yield* Deferred.make<void>()
    let firstAt: number | null = null
    let forcedStatus = 1
    const endWithin = (duration: Duration.Duration): void =>
      void setTimeout(() => process.exit(forcedStatus), Duration.toMillis(duration)).unref()
    const onSignal = (): void => {
      const now = performance.now()
      if (firstAt === null) {
        firstAt = now
        endWithin(Duration.sum(grace, afterGrace))
      } else if (now - firstAt > sameSignalMillis) {
        if (Deferred.doneUnsafe(hurry, Effect.void)) endWithin(afterGrace)
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
    return { hurry: Deferred.await(hurry), drained: Effect.sync(() => void (forcedStatus = 0)) }
  })
