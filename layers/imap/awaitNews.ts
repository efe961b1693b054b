import type { ImapFlow } from "imapflow"
import { Duration, Effect } from "effect"
import type { MailError } from "../../src/services/MailServers.ts"

/** Between two IDLEs: a server that ends each at once is not asked without a pause. What comes meanwhile it tells with the next. */
const pause = Duration.seconds(1)

/**
 * Ends when the server says that something has come, or when the connection closes. An IDLE ends whenever another command
 * goes over the connection, as does imapflow's own after two quiet minutes, to see whether the server is still there: it
 * is begun again.
 */
export const awaitNews = (client: ImapFlow, failed: (cause: unknown) => MailError, refused: MailError): Effect.Effect<void, MailError> => {
  const came = Effect.callback<void>((resume) => {
    const end = () => resume(Effect.void)
    client.once("exists", end)
    client.once("close", end)
    return Effect.sync(() => {
      client.off("exists", end)
      client.off("close", end)
    })
  })
  const idling = Effect.tryPromise({ try: () => client.idle(), catch: failed }).pipe(
    Effect.flatMap((answer) => answer === false && client.usable ? Effect.fail(refused) : Effect.sleep(pause)),
    Effect.forever
  )
  return Effect.raceFirst(came, idling)
}
