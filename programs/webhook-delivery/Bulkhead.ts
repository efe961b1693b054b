import { Clock, Context, Duration, Effect, Layer } from "effect"

/**
 * Of this process's places, one endpoint gets only a part: when it hangs, the others go on. What is over is put off
 * before anything is asked or written, each to the moment at which its turn may come. Limits that hold over all replicas
 * are `Limits`' business.
 */
export class Bulkhead extends Context.Service<Bulkhead, {
  /** Null when the endpoint has a place, which must be left; or after how long to come again. */
  readonly enter: (endpoint: string) => Effect.Effect<Duration.Duration | null>
  readonly leave: (endpoint: string) => Effect.Effect<void>
}>()("tt-worker/programs/webhook-delivery/Bulkhead") {
  static readonly layer = (places: number): Layer.Layer<Bulkhead> => Layer.sync(Bulkhead, () => make(places))
}

interface Endpoint {
  inside: number
  /** When one came out last; before that, when the first came in. */
  since: number
  /** Up to when those that were sent away fill its places. */
  lineUntil: number
}

/** How long a delivery takes when none has shown otherwise, in milliseconds. */
const quick = 50
/** All places taken and nobody out for so long: it hangs, and each stays inside until the sender's deadline. */
const suspicious = 250
const hanging = 15_000

const make = (places: number): Bulkhead["Service"] => {
  const endpoints = new Map<string, Endpoint>()
  return {
    enter: (name) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const known = endpoints.get(name)
        if (known === undefined) {
          endpoints.set(name, { inside: 1, since: now, lineUntil: now })
          return null
        }
        if (known.inside < places) {
          known.inside++
          return null
        }
        const silence = now - known.since
        const each = silence > suspicious ? hanging : Math.max(quick, silence)
        known.lineUntil = Math.max(known.lineUntil, now + quick) + each / places
        return Duration.millis(Math.ceil(known.lineUntil - now))
      }),
    leave: (name) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const known = endpoints.get(name)
        if (known === undefined) return
        known.inside--
        // Somebody has come out, so it moves.
        known.since = now
        if (known.inside === 0 && known.lineUntil <= now) endpoints.delete(name)
      })
  }
}
