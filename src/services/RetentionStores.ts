import { Context, Data, type Duration, type Effect } from "effect"
import type { StoreName } from "../domain/retentionPeriods.ts"

/** Something that the worker writes and that would grow for ever. A sweep over all tenants: it gives a number only. */
export interface RetentionStore {
  readonly name: StoreName
  /** Deletes at most `limit` records that nobody has needed for longer than this; says how many. By the database's clock. */
  readonly forget: (options: { readonly olderThan: Duration.Duration; readonly limit: number }) => Effect.Effect<number, RetentionError>
}

/** Every store of this worker that is tidied up. */
export class RetentionStores extends Context.Service<RetentionStores, {
  readonly all: ReadonlyArray<RetentionStore>
}>()("tt-worker/services/RetentionStores") {}

export class RetentionError extends Data.TaggedError("RetentionError")<{ readonly store: StoreName; readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `old ${this.store} could not be deleted: ${this.detail}`
  }
}
