/** What the child finds wrong with a document or with the engine. */
export type RefusedReason =
  | { readonly _tag: "BadImage" }
  | { readonly _tag: "TooManyPixels"; readonly width: number; readonly height: number }
  /** The engine or its language data could not be loaded. */
  | { readonly _tag: "EngineBroke" }

/** Thrown in the child when a document cannot be recognised. `detail` quotes nothing of it. */
export class Refusal extends Error {
  readonly reason: RefusedReason
  readonly detail: string

  constructor(reason: RefusedReason, detail: string) {
    super(detail)
    this.reason = reason
    this.detail = detail
  }
}
