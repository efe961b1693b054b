import { Context, type Effect } from "effect"
import type { ProcessStatus } from "../domain/ProcessStatus.ts"
import type { ProcessRegistryError } from "./ProcessRegistry.ts"

/** A process of this worker that is alive. */
export interface LiveProcess {
  readonly id: string
  readonly name: string
  readonly version: string
  /** Since it was last heard of, in seconds. */
  readonly silentSeconds: number
  /** null where it has told nothing yet, or something that this version does not understand. */
  readonly status: ProcessStatus | null
}

/** How every process of this worker is: each tells the others by its row. A sweep over all tenants; ids only. */
export class ProcessStatuses extends Context.Service<ProcessStatuses, {
  readonly publish: (status: ProcessStatus) => Effect.Effect<void, ProcessRegistryError>
  /** By name. */
  readonly all: Effect.Effect<ReadonlyArray<LiveProcess>, ProcessRegistryError>
}>()("tt-worker/services/ProcessStatuses") {}
