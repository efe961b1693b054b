import { Context, Data, type Effect } from "effect"

/** Who runs: one row a process, kept alive by heartbeats, so that others can tell that it has died. */
export class ProcessRegistry extends Context.Service<ProcessRegistry, {
  /** This process's id: new at every start. */
  readonly id: string
  /** Shows that this process is alive; by the database's clock. */
  readonly beat: Effect.Effect<void, ProcessRegistryError>
  /** It ends as it should. */
  readonly leave: Effect.Effect<void, ProcessRegistryError>
}>()("tt-worker/services/ProcessRegistry") {}

export class ProcessRegistryError extends Data.TaggedError("ProcessRegistryError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the list of running processes: ${this.detail}`
  }
}
