import { Effect } from "effect"
import { VisionError, VisionReason } from "../../src/services/Vision.ts"
import { clientOptions, credentialsVariable, type GoogleCredentials, type GoogleEndpoint } from "./clientOptions.ts"

/**
 * Google's client, ready for calls until the scope closes. Nobody is asked for anything yet, so whatever fails here
 * is a matter of settings: those that were given, or one of the library's own variables (GOOGLE_API_…).
 */
export const openVisionClient = Effect.fnUntraced(function*(credentials: GoogleCredentials, endpoint: GoogleEndpoint | undefined) {
  const variable = credentialsVariable(credentials)
  // The library's words name what it misses; it never sees a key that we have not read before.
  const cannotBeMade = (cause: unknown): VisionError =>
    new VisionError({
      reason: VisionReason.Denied({ variable }),
      detail: `the client of Google Vision cannot be made with ${variable}: ${cause instanceof Error ? cause.message : "no reason given"}`
    })
  const { ImageAnnotatorClient } = yield* Effect.tryPromise({ try: () => import("@google-cloud/vision"), catch: cannotBeMade })
  const settings = yield* clientOptions(credentials, endpoint)
  const client = yield* Effect.acquireRelease(
    Effect.try({ try: () => new ImageAnnotatorClient(settings), catch: cannotBeMade }),
    // A client that could not be made ready fails again when it is closed.
    (open) => Effect.ignore(Effect.tryPromise(() => open.close()))
  )
  yield* Effect.tryPromise({ try: () => client.initialize(), catch: cannotBeMade })
  return client
})
