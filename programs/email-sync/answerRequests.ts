import { Duration, Effect, FiberSet } from "effect"
import { answerRequest } from "../../src/pipeline/mail/answerRequest.ts"
import { forTenant } from "../../src/services/CurrentTenant.ts"
import { type MailAnswer, type MailRequest, MailRequests } from "../../src/services/MailRequests.ts"

/** Somebody waits in front of a button. */
const lookEvery = Duration.seconds(1)
const atOnce = 10
/** Longer than an answer may take. */
const lease = Duration.minutes(4)

const ourFault: MailAnswer = { ok: false, step: "settings", answer: "It could not be tried because of a fault on our side. Please try again later.", details: null }

const answer = (request: MailRequest) =>
  Effect.gen(function*() {
    const requests = yield* MailRequests
    const given = yield* answerRequest(request).pipe(
      Effect.catch((error) => Effect.as(Effect.logWarning(`a request about a mailbox could not be answered: ${error.message}`), ourFault)),
      Effect.catchDefect(() => Effect.succeed(ourFault))
    )
    yield* requests.answer(request, given)
  }).pipe(forTenant(request.tenantId), Effect.catch((error) => Effect.logWarning(`an answer about a mailbox could not be recorded: ${error.message}`)))

/** Takes what is asked now, as far as there are places, and answers it beside the others: a slow host holds up nobody. */
const takeUp = Effect.fnUntraced(function*(running: FiberSet.FiberSet<void>) {
  const free = atOnce - (yield* FiberSet.size(running))
  if (free <= 0) return
  const taken = yield* (yield* MailRequests).take(free, lease)
  yield* Effect.forEach(taken, (request) => FiberSet.run(running, answer(request)), { discard: true })
})

/** Never returns, never fails. */
export const runRequestAnswerer = Effect.gen(function*() {
  const running = yield* FiberSet.make<void>()
  return yield* takeUp(running).pipe(
    Effect.catch((error) => Effect.logWarning(`requests about mailboxes cannot be looked for: ${error.message}`)),
    Effect.andThen(Effect.sleep(lookEvery)),
    Effect.forever
  )
}).pipe(Effect.scoped)
