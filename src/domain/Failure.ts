import type { Duration } from "effect"
import type { Retry } from "./Retry.ts"

/**
 * What every error of a service tells the programs: a stable code, whether trying again can help, and a sentence
 * for the admin who waits for the invoice. `message` (from Error) is for operators.
 */
export interface Failure {
  readonly _tag: string
  readonly message: string
  readonly code: string
  readonly retry: Retry
  readonly plainWords: string
  /** How old a job may get that is put off by this, where that is longer than its program's own limit. */
  readonly patience?: Duration.Duration | undefined
}
