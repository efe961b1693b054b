import type { Effect, Scope } from "effect"
import type { LedgerEntry } from "../ledger/LedgerEntry.ts"
import type { Recovery, Start } from "../ledger/starts.ts"
import type { Backend } from "../load/Producer.ts"
import type { WorkerDidNotStart } from "../workers/WorkerProcess.ts"
import type { DidNotHappen, World } from "./World.ts"

export interface Seen {
  readonly starts: ReadonlyArray<Start>
  readonly entries: ReadonlyArray<LedgerEntry>
}

/** What a scenario wants to know when all is over. */
export interface Measures {
  readonly recoveries: (seen: Seen) => ReadonlyArray<Recovery>
  /** Further promises that were broken, a line each. */
  readonly violations: ReadonlyArray<string>
  /** Looked at when every job has ended; promises that were broken, a line each. */
  readonly afterwards?: Effect.Effect<ReadonlyArray<string>>
}

export interface Scenario {
  /** In words. */
  readonly name: string
  readonly backends: ReadonlyArray<Backend>
  /** Part of the short form, on these backends. */
  readonly ci?: ReadonlyArray<Backend>
  /** How long its jobs may take to their end after the last event, in seconds. */
  readonly settleSeconds: number
  /** About how long it takes, for the order in which they are run. */
  readonly usualSeconds: number
  readonly run: (world: World) => Effect.Effect<Measures, DidNotHappen | WorkerDidNotStart, Scope.Scope>
}
