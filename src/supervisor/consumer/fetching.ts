import type { JobQueueError, QueueTrouble } from "../../services/JobQueue.ts"

/** A hiccup of its server that is over by then is nobody's business. */
const toldAfterMillis = 10_000

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

/** How taking jobs goes. Judged by the takings themselves: a server that is full goes on answering everything else. */
export interface Fetching {
  readonly succeeded: () => void
  /** Tried at this moment of `performance.now()`: some servers take their time to say nothing. */
  readonly failed: (error: JobQueueError, tried: number) => void
  /** null while jobs can be taken, or could until a moment ago. */
  readonly trouble: () => FetchTrouble | null
  /** Its server answers, and is full: another connection would not help. */
  readonly isFull: () => boolean
}

export const makeFetching = (): Fetching => {
  let everTook = false
  let since: number | null = null
  let last: FetchTrouble = { kind: "no-answer", detail: "no job could be taken yet" }
  return {
    succeeded: () => {
      everTook = true
      since = null
    },
    failed: ({ detail, kind }, tried) => {
      since ??= tried
      last = { kind, detail }
    },
    trouble: () => !everTook || since !== null && performance.now() - since > toldAfterMillis ? last : null,
    isFull: () => since !== null && last.kind === "full"
  }
}
