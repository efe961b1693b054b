import { Duration, Effect } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import { misfitInWords, SharedTables } from "../../src/services/SharedTables.ts"

/** A change of the API's tables takes a person; looking is one statement. */
const lookEvery = Duration.seconds(15)
/** Said again after ten minutes. */
const tellEvery = 40

/**
 * Resolves when the shared tables are as this program needs them. Until then it is stopped: its jobs wait in their queue
 * and no attempt is used up; each column that does not fit is told with what was found and what is expected. Other
 * programs go on.
 */
export const whenTablesFit = (program: QueueName): Effect.Effect<void, never, SharedTables> =>
  Effect.gen(function*() {
    const { misfits } = yield* SharedTables
    for (let looks = 0;; looks++) {
      const found = yield* misfits(program).pipe(
        Effect.catch((error) => Effect.as(Effect.logWarning(`queue ${program}: ${error.message}; it is tried again`), null))
      )
      if (found?.length === 0) {
        if (looks > 0) yield* Effect.logInfo(`queue ${program}: the shared tables fit, it starts`)
        return
      }
      if (found !== null && looks % tellEvery === 0) {
        yield* Effect.logError(`queue ${program} is stopped, the shared tables do not fit; its jobs wait:\n${found.map((one) => `  ${misfitInWords(one)}`).join("\n")}`)
      }
      yield* Effect.sleep(lookEvery)
    }
  })
