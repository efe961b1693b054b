import { Data, type Duration } from "effect"
import { durationInWords, sizeInWords } from "../../src/domain/plainWords.ts"

export type ChildReason = Data.TaggedEnum<{
  /** The time limit, or the limit of silence between two parts of an answer, was reached. */
  TimedOut: { readonly limit: Duration.Duration }
  /** Its resident memory went over the hard limit. */
  OverMemory: { readonly bytes: number; readonly limit: number }
  /** It ended, or answered nonsense, while this request was with it, and a fresh child did so again. */
  Crashed: { readonly how: string }
  /** No process could be started: nothing is said about the request. */
  NotStarted: { readonly why: string }
}>
export const ChildReason = Data.taggedEnum<ChildReason>()

/** A child process did not answer a request. `name` is the pool's. */
export class ChildError extends Data.TaggedError("ChildError")<{ readonly name: string; readonly reason: ChildReason }> {
  override get message(): string {
    return ChildReason.$match(this.reason, {
      TimedOut: ({ limit }) => `the ${this.name} process gave no answer within ${durationInWords(limit)} and was ended`,
      OverMemory: ({ bytes, limit }) =>
        `the ${this.name} process used ${sizeInWords(bytes)} of memory (limit ${sizeInWords(limit)}) and was ended`,
      Crashed: ({ how }) => `the ${this.name} process broke twice on the same request (${how})`,
      NotStarted: ({ why }) => `the ${this.name} process could not be started (${why})`
    })
  }
}
