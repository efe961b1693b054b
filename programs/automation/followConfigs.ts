import { Duration, Effect, Queue, Ref } from "effect"
import { AutomationConfigs } from "../../src/services/AutomationConfigs.ts"
import type { AutomationError } from "../../src/services/AutomationError.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"
import { decideSchedules } from "./decideSchedules.ts"

/** Users of one transaction: less than half a second. */
export const usersAtOnce = 500
/** Without the triggers' word a change is seen after this long and the pause between two comparisons: within a minute. */
const lookEvery = Duration.seconds(15)
/** Changes that come one after the other are taken together. */
const gather = Duration.millis(200)

/** Brings the schedules up to date with what has changed; says how many users were looked at. */
export const applyChanges = Effect.gen(function*() {
  const configs = yield* AutomationConfigs
  const sheets = yield* TimeSheets
  let total = 0
  for (;;) {
    const taken = yield* configs.apply(usersAtOnce, (user) => decideSchedules(user).pipe(Effect.provideService(TimeSheets, sheets)))
    total += taken
    if (taken < usersAtOnce) return total
  }
}).pipe(Effect.withSpan("AutomationConfigs.follow"))

/**
 * Keeps the schedules current with `tenant_users.automations`, in every replica: a change is heard of at once, or found by
 * comparing. Never fails: an outage of the database is told once, waited for and told to be over.
 */
export const followConfigs: Effect.Effect<never, never, AutomationConfigs | TimeSheets> = Effect.gen(function*() {
  const configs = yield* AutomationConfigs
  const wake = yield* Queue.sliding<void>(1)
  const away = yield* Ref.make(false)

  const isBack = Effect.gen(function*() {
    if (yield* Ref.getAndSet(away, false)) yield* Effect.logInfo("users' automations are followed again")
  })
  const isAway = Effect.fnUntraced(function*(error: AutomationError) {
    if (!(yield* Ref.getAndSet(away, true))) yield* Effect.logWarning(`users' automations cannot be followed; trying again until they can: ${error.message}`)
  })

  const listen = Effect.scoped(Effect.gen(function*() {
    const heard = yield* configs.changed
    yield* Queue.offer(wake, undefined)
    return yield* Effect.forever(Effect.andThen(heard, Queue.offer(wake, undefined)))
  })).pipe(
    Effect.catch(() => Effect.sleep(lookEvery)),
    Effect.forever
  )
  yield* Effect.forkScoped(listen)

  return yield* Effect.andThen(configs.compare, applyChanges).pipe(
    Effect.andThen(isBack),
    Effect.catch(isAway),
    Effect.andThen(Effect.raceFirst(Effect.sleep(lookEvery), Effect.andThen(Queue.take(wake), Effect.sleep(gather)))),
    Effect.forever
  )
}).pipe(Effect.scoped)
