import { Duration, Effect, FiberMap } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import type { MailboxId } from "../../src/domain/mailbox/MailboxSettings.ts"
import type { Retry } from "../../src/domain/Retry.ts"
import { connectMailbox } from "../../src/pipeline/mail/connectMailbox.ts"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import { Limits } from "../../src/services/Limits.ts"
import { Mailboxes } from "../../src/services/Mailboxes.ts"

/** Connections that one process holds for tenants that want their mail at once: few, since each costs a host a place. */
const mostConnections = 20
const lookEvery = Duration.seconds(30)
/** Servers end an IDLE after half an hour (RFC 2177): before that the connection is made anew. */
const renewEvery = Duration.minutes(25)
/** After a connection that was lost, and where another replica listens. */
const shortPause = Duration.minutes(1)
/** After any other failure: the scheduled syncs find out and tell what is wrong, this only listens. */
const pause = Duration.minutes(15)

const pauseAfter = (error: { readonly _tag: string; readonly retry?: Retry }): Duration.Duration =>
  error._tag === "LimitReached" || (error._tag === "MailError" && error.retry?._tag === "Transient") ? shortPause : pause

const placeOf = (tenantId: TenantId, mailboxId: MailboxId): string => `${tenantId}\n${mailboxId}`

/** Listens to one mailbox and enqueues a sync whenever something has come. Ends after a quiet while, or when it fails, after a pause. `seen`: what its folder looked like. */
const listen = Effect.fnUntraced(function*(tenantId: TenantId, mailboxId: MailboxId, seen: Map<string, string>) {
  const limits = yield* Limits
  const outbox = yield* JobOutbox
  const mailbox = (yield* (yield* Mailboxes).accounts(tenantId))?.mailboxes.find(({ id }) => id === mailboxId)
  const [folder] = mailbox?.folders ?? []
  if (mailbox === undefined || folder === undefined) return
  const sync = outbox.enqueue(QUEUE_NAMES.EMAIL_SYNC, { tenantId })
  const listening = Effect.scoped(Effect.gen(function*() {
    const session = yield* connectMailbox(tenantId, mailbox, null)
    const { exists, uidNext, uidValidity } = yield* session.open(folder, { writable: false })
    // What has come while nobody listened.
    const now = `${uidValidity} ${uidNext} ${exists}`
    const before = seen.get(placeOf(tenantId, mailboxId))
    if (before !== undefined && before !== now) yield* sync
    seen.set(placeOf(tenantId, mailboxId), now)
    return yield* session.awaitMail(renewEvery).pipe(
      Effect.tap((came) => came ? Effect.andThen(Effect.sync(() => seen.set(placeOf(tenantId, mailboxId), "")), sync) : Effect.void),
      // The next connection goes by what the settings say then.
      Effect.repeat({ while: (came) => came })
    )
  }))
  // One of all replicas listens; the others look again later.
  yield* limits.withLimits(`mail-idle:${tenantId}:${mailboxId}`, { concurrency: 1 }, listening).pipe(
    Effect.catch((error) => Effect.andThen(Effect.logDebug(`a mailbox is not listened to: ${error.message}`), Effect.sleep(pauseAfter(error))))
  )
})

/** Keeps connections to the mailboxes that want it; lets go of those that no longer do. Never returns, never fails. */
export const listenForMail = Effect.gen(function*() {
  const fibers = yield* FiberMap.make<string>()
  const seen = new Map<string, string>()
  const look = Effect.gen(function*() {
    const wanted = new Map((yield* (yield* Mailboxes).idle(mostConnections)).map((one) => [placeOf(one.tenantId, one.mailboxId), one]))
    for (const [key] of fibers) if (!wanted.has(key)) yield* FiberMap.remove(fibers, key)
    for (const key of seen.keys()) if (!wanted.has(key)) seen.delete(key)
    yield* Effect.forEach(wanted, ([key, { mailboxId, tenantId }]) =>
      FiberMap.run(fibers, key, Effect.ignore(listen(tenantId, mailboxId, seen)), { onlyIfMissing: true }), { discard: true })
  })
  return yield* look.pipe(
    Effect.catch((error) => Effect.logWarning(error.message)),
    Effect.andThen(Effect.sleep(lookEvery)),
    Effect.forever
  )
}).pipe(Effect.scoped)
