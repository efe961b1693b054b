import { Context, Data, type Duration, type Effect, type Scope } from "effect"

/** A job that was enqueued with the business change and that the queue does not have yet. */
export interface OutboxRow {
  readonly id: string
  /** As it was written: nobody has looked at it. */
  readonly queue: string
  readonly jobId: string
  /** JSON text as the producer gave it. */
  readonly data: string
  /** What is left of the delay that was asked for. */
  readonly delay: Duration.Duration
  readonly priority: number
  readonly traceparent: string | null
  /** How often it has failed by itself, while the queue was there. */
  readonly attempts: number
}

/** What became of a row; one that is not spoken of stays as it is. */
export type RowOutcome = Data.TaggedEnum<{
  /** The queue has it: the row goes. */
  Delivered: {}
  /** It fails by itself: again after this long, the others first. */
  PutOff: { readonly after: Duration.Duration; readonly error: string }
  /** The queue will never take it: it stays for people to look at, with the error, and holds nobody up. */
  SetAside: { readonly error: string }
}>
export const RowOutcome = Data.taggedEnum<RowOutcome>()

export interface Delivery {
  /** By the row's id. */
  readonly outcomes: ReadonlyMap<string, RowOutcome>
  /** Why the queue cannot be used, when it cannot. */
  readonly queueAway: string | null
}

export interface TakenBatch {
  readonly taken: number
  readonly queueAway: string | null
}

/** The rows of `tt_worker.outbox`, seen from the relay. Any number of relays may be at it. */
export class Outbox extends Context.Service<Outbox, {
  /**
   * Begins to listen for commits. What it gives resolves when rows may have been written since it was last called: at
   * once after a commit, and every second in any case, so that a lost connection loses nothing.
   */
  readonly listen: Effect.Effect<{ readonly awaitRows: Effect.Effect<void> }, never, Scope.Scope>
  /**
   * Takes up to `most` rows, oldest first, that no other relay has in hand; what `deliver` says of them is written in
   * the same transaction. Should that be lost, the rows are delivered again under the same job ids.
   */
  readonly takeBatch: <R>(
    most: number,
    deliver: (rows: ReadonlyArray<OutboxRow>) => Effect.Effect<Delivery, never, R>
  ) => Effect.Effect<TakenBatch, OutboxError, R>
}>()("tt-worker/services/Outbox") {}

export class OutboxError extends Data.TaggedError("OutboxError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the outbox cannot be read: ${this.detail}`
  }
}
