import { Effect, Stream } from "effect"
import { transferDecoder } from "../../mail/transferEncoding.ts"
import { type MailError, PartError } from "../../services/MailServers.ts"

/**
 * A part as it was before transfer, decoded while it comes: `start`, which is at hand, and what follows it. Fails with
 * `too-large` as soon as more than `maxBytes` have come out.
 */
export const partStream = (
  encoding: string,
  start: Uint8Array,
  rest: Stream.Stream<Uint8Array, MailError | PartError>,
  maxBytes: number
): Stream.Stream<Uint8Array, MailError | PartError> =>
  Stream.suspend(() => {
    const decoder = transferDecoder(encoding, start)
    let size = 0
    const counted = (bytes: Uint8Array): Effect.Effect<Uint8Array, PartError> => {
      size += bytes.length
      return size > maxBytes ? Effect.fail(new PartError({ reason: "too-large" })) : Effect.succeed(bytes)
    }
    return Stream.make(start).pipe(
      Stream.concat(rest),
      Stream.mapEffect((bytes) => counted(decoder.push(bytes))),
      Stream.concat(Stream.suspend(() => Stream.fromEffect(counted(decoder.end()))))
    )
  })
