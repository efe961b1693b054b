import { Duration, Effect } from "effect"
import type { JobQueueError, QueueTrouble } from "../../services/JobQueue.ts"

/** A hiccup of its server that is over by then is nobody's business. */
const toldAfterMillis = 10_000
const lookEvery = Duration.seconds(2)

/** Why no job can be taken: the kind, and what the queue's server said. */
export interface FetchTrouble {
  readonly kind: QueueTrouble
  readonly detail: string
}

/** For operators, on an open path as well: nothing of what the server said. */
export const troubleInWords: Readonly<Record<QueueTrouble, string>> = {
  "no-answer": "its server does not answer",
  full: "its server is full, and hands out no job",
  refused: "its server answers, but refuses to hand out jobs"
}

/** What shows how it goes. A Redis that is full can still say that nothing waits: that stalled jobs cannot be moved gives it away. */
export type Evidence = "taking" | "recovering"

/** Whether jobs can be taken, by what happens: a server that is full goes on answering everything that only reads. */
export interface Fetching {
  readonly succeeded: (at: Evidence) => void
  /** Tried at this moment of `performance.now()`: some servers take their time to say nothing. */
  readonly failed: (at: Evidence, error: JobQueueError, tried: number) => void
  /** null while jobs can be taken, or could until a moment ago. */
  readonly trouble: () => FetchTrouble | null
  /** Its server answers, and is full: another connection would not help. */
  readonly isFull: () => boolean
}

export const makeFetching = (): Fetching => {
  let everTook = false
  const failing = new Map<Evidence, FetchTrouble & { readonly since: number }>()
  const sustained = () => [...failing.values()].find(({ since }) => performance.now() - since > toldAfterMillis)
  return {
    succeeded: (at) => {
      if (at === "taking") everTook = true
      failing.delete(at)
    },
    failed: (at, { detail, kind }, tried) => {
      // Other trouble of that call says nothing about taking, which goes over another connection.
      if (at === "recovering" && kind !== "full") return
      failing.set(at, { kind, detail, since: failing.get(at)?.since ?? tried })
    },
    trouble: () => {
      const found = everTook ? sustained() : failing.get("taking") ?? { kind: "no-answer", detail: "no job could be taken yet" }
      return found === undefined ? null : { kind: found.kind, detail: found.detail }
    },
    isFull: () => [...failing.values()].some(({ kind }) => kind === "full")
  }
}

/** One line when no job can be taken any more, and one when they can again. Never ends. */
export const tellTrouble = (queue: string, { trouble }: Fetching): Effect.Effect<never> => {
  let told: QueueTrouble | null = null
  const look = Effect.suspend(() => {
    const found = trouble()
    const kind = found?.kind ?? null
    if (kind === told) return Effect.void
    told = kind
    return found === null
      ? Effect.logInfo(`queue ${queue}: jobs can be taken again`)
      : Effect.logWarning(`queue ${queue}: no job can be taken: ${troubleInWords[found.kind]} (${found.detail})`)
  })
  return Effect.forever(Effect.andThen(Effect.sleep(lookEvery), look))
}
