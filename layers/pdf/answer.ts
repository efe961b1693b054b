import { Schema } from "effect"
import { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import { Page } from "../../src/domain/Page.ts"

/** Why the child refuses a file: the reasons of `DocumentReason` that lie in the file. */
const RefusedReason = Schema.Union([
  Schema.Struct({ _tag: Schema.Literals(["Damaged", "Encrypted", "NoPages", "NotAnInvoiceXml"]) }),
  Schema.Struct({ _tag: Schema.Literal("TooManyPages"), pages: Schema.Int, limit: Schema.Int }),
  Schema.Struct({ _tag: Schema.Literal("TooManyPixels"), width: Schema.Int, height: Schema.Int }),
  Schema.Struct({ _tag: Schema.Literal("TooComplex"), limit: Schema.String })
])

/** One part of the child's answer. A page of many words comes in slices of the same number. */
export const AnswerPart = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("Opened"), pageCount: Schema.Int }),
  Schema.Struct({ _tag: Schema.Literal("EInvoice"), fields: InvoiceFields }),
  Schema.Struct({ _tag: Schema.Literal("EInvoiceProblem"), problem: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("Page"), page: Page }),
  Schema.Struct({ _tag: Schema.Literal("Refused"), reason: RefusedReason, detail: Schema.String })
])
export type AnswerPart = typeof AnswerPart.Type
