import type { DocumentReason } from "../../src/services/DocumentReader.ts"

/** Thrown in the child when a file cannot be read: a finding about the file, not a fault. `detail` quotes nothing of it. */
export class Refusal extends Error {
  readonly reason: DocumentReason
  readonly detail: string

  constructor(reason: DocumentReason, detail: string) {
    super(detail)
    this.reason = reason
    this.detail = detail
  }
}
