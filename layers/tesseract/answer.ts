import { Schema } from "effect"
import { Page } from "../../src/domain/Page.ts"

/** One part of the child's answer. A page of many words comes in slices of the same number. */
export const AnswerPart = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("Opened"), pageCount: Schema.Int }),
  /** A pass has ended: a sign of life. */
  Schema.Struct({ _tag: Schema.Literal("Working") }),
  Schema.Struct({ _tag: Schema.Literal("Page"), page: Page }),
  /** The same page as one of several passes saw it. */
  Schema.Struct({ _tag: Schema.Literal("Pass"), pass: Schema.Int, page: Page }),
  Schema.Struct({
    _tag: Schema.Literal("Refused"),
    reason: Schema.Union([
      Schema.Struct({ _tag: Schema.Literal("BadImage") }),
      Schema.Struct({ _tag: Schema.Literal("EngineBroke") }),
      Schema.Struct({ _tag: Schema.Literal("TooManyPixels"), width: Schema.Int, height: Schema.Int })
    ]),
    detail: Schema.String
  })
])
export type AnswerPart = typeof AnswerPart.Type
