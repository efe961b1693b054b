import { Data, type Duration, Effect, Stream } from "effect"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"

/** Why a body did not come whole. Sizes in bytes. */
export type BodyProblem = Data.TaggedEnum<{
  TooLarge: { readonly limit: number; readonly size: number | null }
  Stalled: { readonly after: Duration.Duration }
  Cut: { readonly received: number; readonly expected: number | null }
}>
export const BodyProblem = Data.taggedEnum<BodyProblem>()

const declaredSize = (response: HttpClientResponse.HttpClientResponse): number | null => {
  const header = response.headers["content-length"]
  // With a content encoding the length is that of the packed bytes, not of those that come out here.
  const packed = (response.headers["content-encoding"] ?? "identity") !== "identity"
  return header !== undefined && /^\d+$/.test(header) && !packed ? Number(header) : null
}

/** A plain Uint8Array: a Buffer would carry its pool along to whoever transfers or compares it. */
const join = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

/**
 * The whole body, at most `maxBytes` of it: a larger one fails at once by its Content-Length, or as soon as one byte
 * too many has come. Fails as well when nothing comes for `idleTimeout`, or when fewer bytes come than declared.
 * The rest is left unread: run it with `HttpClient.withScope` in a scope that is closed afterwards, which closes
 * the connection.
 */
export const readBounded = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  options: { readonly maxBytes: number; readonly idleTimeout: Duration.Duration }
): Effect.fn.Return<Uint8Array, BodyProblem> {
  const declared = declaredSize(response)
  if (declared !== null && declared > options.maxBytes) {
    return yield* Effect.fail(BodyProblem.TooLarge({ limit: options.maxBytes, size: declared }))
  }
  const chunks: Array<Uint8Array> = []
  let received = 0
  yield* response.stream.pipe(
    Stream.mapError((): BodyProblem => BodyProblem.Cut({ received, expected: declared })),
    Stream.timeoutOrElse({
      duration: options.idleTimeout,
      orElse: () => Stream.fail<BodyProblem>(BodyProblem.Stalled({ after: options.idleTimeout }))
    }),
    Stream.runForEach((chunk) => {
      received += chunk.length
      if (received > options.maxBytes) return Effect.fail<BodyProblem>(BodyProblem.TooLarge({ limit: options.maxBytes, size: declared }))
      chunks.push(chunk)
      return Effect.void
    })
  )
  if (declared !== null && received !== declared) return yield* Effect.fail(BodyProblem.Cut({ received, expected: declared }))
  return join(chunks, received)
})
