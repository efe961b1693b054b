import type { Duration } from "effect"

/** How long finished jobs stay in the queue, and how many of them; whichever is reached first. */
export interface Retention {
  readonly completed: { readonly age: Duration.Duration; readonly count: number }
  readonly failed: { readonly age: Duration.Duration; readonly count: number }
}
