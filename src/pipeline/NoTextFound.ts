import { Data } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Retry } from "../domain/Retry.ts"

/** The document was recognised, and there is nothing to read on it. */
export class NoTextFound extends Data.TaggedError("NoTextFound")<{ readonly pages: number }> implements Failure {
  readonly code = "no-text-found"
  readonly retry = Retry.Permanent()
  readonly plainWords =
    "No text could be found in the file. Please upload a sharper scan, or a photo of the whole invoice in good light."
  override get message(): string {
    return `no text was found on ${this.pages === 1 ? "the page" : `the ${this.pages} pages`}`
  }
}
