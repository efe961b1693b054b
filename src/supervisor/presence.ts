import { Duration, Effect, type Scope } from "effect"
import { ProcessRegistry } from "../services/ProcessRegistry.ts"
import { QueueControls } from "../services/QueueControls.ts"
import { LiveControls } from "./consumer/LiveControls.ts"
import { waitFor } from "./waitFor.ts"

/** Operators' commands take effect within two seconds: this, and the time that a look takes. */
const lookEvery = Duration.seconds(1)
const leaveLimit = Duration.seconds(2)
/** With one answer lost, the next sign of life still comes before others take this process for dead (six seconds). */
const lookLimit = Duration.seconds(2)

/** Shows that this process is alive, and learns what operators want. */
const look = Effect.gen(function*() {
  const registry = yield* ProcessRegistry
  const controls = yield* QueueControls
  yield* registry.beat
  yield* LiveControls.set(yield* controls.read)
})

/**
 * The child that keeps this process on the list of running ones and its controls up to date; while the database is away,
 * the last ones known are in force. It has started when it could look once.
 */
export const startPresence: Effect.Effect<
  Effect.Effect<void, never, ProcessRegistry | QueueControls | LiveControls>,
  never,
  ProcessRegistry | QueueControls | LiveControls | Scope.Scope
> = Effect.gen(function*() {
  const registry = yield* ProcessRegistry
  yield* waitFor(look, { comesBack: () => true, tell: (error) => `${error.message}. Waiting for it.` }).pipe(Effect.orDie)
  yield* Effect.addFinalizer(() => registry.leave.pipe(Effect.timeoutOption(leaveLimit), Effect.ignore))
  let away = false
  return look.pipe(
    Effect.timeout(lookLimit),
    Effect.tap(() => {
      if (!away) return Effect.void
      away = false
      return Effect.logInfo("the database is back: operators' commands are seen again")
    }),
    Effect.catch((error) => {
      if (away) return Effect.void
      away = true
      return Effect.logWarning(`${error.message}; the last known commands stay in force`)
    }),
    Effect.andThen(Effect.sleep(lookEvery)),
    Effect.forever
  )
})
