import { Duration, Effect } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import { Mailboxes } from "../../src/services/Mailboxes.ts"
import { Tenants } from "../../src/services/Tenants.ts"
import { isOn, takeOverSettings } from "./takeOverSettings.ts"

/** Tenants of one go. */
const atOnce = 200

/** A firm that has switched the sync on, or entered a mailbox, has its mail within a minute. */
const lookEvery = Duration.seconds(20)

const follow = Effect.fn("EmailSync.follow")(function*(tenantId: TenantId) {
  const features = yield* (yield* Tenants).features(tenantId)
  const accounts = yield* (yield* Mailboxes).accounts(tenantId)
  if (features === null || accounts === null) return
  if (isOn(features) && accounts.mailboxes.some(({ enabled }) => enabled)) {
    yield* (yield* JobOutbox).enqueue(QUEUE_NAMES.EMAIL_SYNC, { tenantId })
  }
  yield* takeOverSettings(tenantId, accounts, features)
  for (const { place, problem } of accounts.notTakenOver) yield* Effect.logWarning(`mailbox ${place} of tenant ${tenantId} is not taken over: ${problem}`)
})

/** Notices changed settings and features, takes them over and has what is on synced at once. Says how many tenants. */
export const followSettings = Effect.gen(function*() {
  const changed = yield* (yield* Mailboxes).changed(atOnce)
  yield* Effect.forEach(changed, (tenantId) =>
    follow(tenantId).pipe(
      Effect.catch((error) => Effect.logWarning(`the mail settings of tenant ${tenantId} could not be taken over: ${error.message}`))
    ), { discard: true })
  return changed.length
})

/** Never returns, never fails. In every replica: what one takes over is not changed any more for the next. */
export const runSettingsFollower = followSettings.pipe(
  Effect.catch((error) => Effect.as(Effect.logWarning(`changed mail settings cannot be looked for: ${error.message}`), 0)),
  Effect.flatMap((count) => count === atOnce ? Effect.void : Effect.sleep(lookEvery)),
  Effect.forever
)
