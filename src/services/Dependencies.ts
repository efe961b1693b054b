import { Context, type Effect } from "effect"

/** What is not as it must be, and what mends it. */
export interface Problem {
  readonly what: string
  readonly fix: string
  /** Work stands still or can be lost; else it is only worth knowing. */
  readonly serious: boolean
}

/** What a look at a dependency that answers has shown. */
export interface Seen {
  readonly version: string | null
  /** One exchange with it, in milliseconds; null where that says nothing. */
  readonly millis: number | null
  /** What works, in a word or two each. */
  readonly works: ReadonlyArray<string>
  readonly problems: ReadonlyArray<Problem>
}

/** Something outside that the worker stands on. */
export interface Dependency {
  readonly name: string
  /** Where it is, without secrets. */
  readonly where: string
  /** The environment variables that say so. */
  readonly variables: string
  /** Uses it as the worker does, and leaves nothing behind. Fails where it cannot be used at all. */
  readonly look: Effect.Effect<Seen, { readonly message: string }>
}

/** Everything that the worker stands on, each to be looked at by itself, so that one that is away hides no other. */
export class Dependencies extends Context.Service<Dependencies, ReadonlyArray<Dependency>>()("tt-worker/services/Dependencies") {}
