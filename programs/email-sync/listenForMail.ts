import { Duration, Effect, FiberMap } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import type { MailboxId } from "../../src/domain/mailbox/MailboxSettings.ts"
import { connectMailbox } from "../../src/pipeline/mail/connectMailbox.ts"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import { Limits } from "../../src/services/Limits.ts"
import { Mailboxes } from "../../src/services/Mailboxes.ts"

/** Connections that one process holds for tenants that want their mail at once: few, since each costs a host a place. */
const mostConnections = 20
const lookEvery = Duration.seconds(30)
/** Servers end an IDLE after half an hour (RFC 2177): before that the connection is made anew. */
const renewEvery = Duration.minutes(25)
/** After a failure: the scheduled syncs find out and tell what is wrong, this only listens. */
const pause = Duration.minutes(15)

/** Listens to one mailbox and enqueues a sync whenever something has come. Ends after a quiet while, or when it fails, after a pause. */
const listen = Effect.fnUntraced(function*(tenantId: TenantId, mailboxId: MailboxId) {
  const limits = yield* Limits
  const outbox = yield* JobOutbox
  const mailbox = (yield* (yield* Mailboxes).accounts(tenantId))?.mailboxes.find(({ id }) => id === mailboxId)
  const [folder] = mailbox?.folders ?? []
  if (mailbox === undefined || folder === undefined) return
  const listening = Effect.scoped(Effect.gen(function*() {
    const session = yield* connectMailbox(tenantId, mailbox, null)
    yield* session.open(folder, { writable: false })
    return yield* session.awaitMail(renewEvery).pipe(
      Effect.tap((came) => came ? outbox.enqueue(QUEUE_NAMES.EMAIL_SYNC, { tenantId }) : Effect.void),
      // The next connection goes by what the settings say then.
      Effect.repeat({ while: (came) => came })
    )
  }))
  // One of all replicas listens; the others look again later.
  yield* limits.withLimits(`mail-idle:${tenantId}:${mailboxId}`, { concurrency: 1 }, listening).pipe(
    Effect.catch((error) => Effect.andThen(Effect.logDebug(`a mailbox is not listened to: ${error.message}`), Effect.sleep(pause)))
  )
})

/** Keeps connections to the mailboxes that want it; lets go of those that no longer do. Never returns, never fails. */
export const listenForMail = Effect.gen(function*() {
  const fibers = yield* FiberMap.make<string>()
  const look = Effect.gen(function*() {
    const wanted = new Map((yield* (yield* Mailboxes).idle(mostConnections)).map((one) => [`${one.tenantId}\n${one.mailboxId}`, one]))
    for (const [key] of fibers) if (!wanted.has(key)) yield* FiberMap.remove(fibers, key)
    yield* Effect.forEach(wanted, ([key, { mailboxId, tenantId }]) =>
      FiberMap.run(fibers, key, Effect.ignore(listen(tenantId, mailboxId)), { onlyIfMissing: true }), { discard: true })
  })
  return yield* look.pipe(
    Effect.catch((error) => Effect.logWarning(error.message)),
    Effect.andThen(Effect.sleep(lookEvery)),
    Effect.forever
  )
}).pipe(Effect.scoped)
