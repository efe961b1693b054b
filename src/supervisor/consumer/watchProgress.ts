import { Data, Duration, Effect } from "effect"
import type { JobQueue } from "../../services/JobQueue.ts"

const lookEvery = Duration.seconds(2)
const standstillMillis = 5_000
/** Jobs wait, places are free, nothing is at work, and for this long none was taken. */
const idleLimitMillis = 7_000
/** The queue's server answers on another connection, but for this long not on the one that takes. */
const silenceLimitMillis = 8_000
/** No connection has had an answer for this long: they may all be dead, and new ones are worth a try. */
const lostLimitMillis = 30_000

/** The consumer does not get on though it could; its supervisor replaces it, connections and all. */
export class ConsumerStuck extends Data.TaggedError("ConsumerStuck")<{ readonly queue: string; readonly detail: string }> {
  override get message(): string {
    return `the consumer of ${this.queue} does not get on: ${this.detail}`
  }
}

export interface Progress {
  /** Jobs could be taken now: not paused, places free, nobody to be alone, nothing held back. */
  readonly could: Effect.Effect<boolean>
  /** Milliseconds since the queue last answered, and since a job was last taken. */
  readonly silentFor: Effect.Effect<number>
  readonly tookNothingFor: Effect.Effect<number>
  /** It could not until now: both are counted from here on. */
  readonly rested: Effect.Effect<void>
}

/** Fails when a consumer makes no progress. Judges by what happens, not by what a client says of its connection. */
export const watchProgress = (queueName: string, queue: JobQueue, progress: Progress): Effect.Effect<never, ConsumerStuck> =>
  Effect.gen(function*() {
    const before = performance.now()
    yield* Effect.sleep(lookEvery)
    // This process itself stood still: nothing can be said of the others.
    const stoodStill = performance.now() - before > standstillMillis
    if (stoodStill || !(yield* progress.could)) return yield* progress.rested
    const silent = yield* progress.silentFor
    const counts = yield* Effect.option(queue.counts)
    if (counts._tag === "None") {
      return silent > lostLimitMillis
        ? yield* new ConsumerStuck({ queue: queueName, detail: "no connection has had an answer for half a minute" })
        : undefined
    }
    if (silent > silenceLimitMillis) {
      return yield* new ConsumerStuck({ queue: queueName, detail: "the server answers, but not on the connection that takes jobs" })
    }
    const { active, waiting } = counts.value
    if (waiting > 0 && active === 0 && (yield* progress.tookNothingFor) > idleLimitMillis) {
      return yield* new ConsumerStuck({ queue: queueName, detail: `${waiting} jobs wait, none is at work, and none is taken` })
    }
  }).pipe(Effect.forever)
