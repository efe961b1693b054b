import { Effect, Layer } from "effect"
import { extractByRules } from "../../src/reading/rules.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"

/** Reads invoices offline by rules; it needs no key and never fails. */
export const layer: Layer.Layer<InvoiceExtractor> = Layer.succeed(InvoiceExtractor)({
  extract: Effect.fn("InvoiceExtractor.extract")(function* (pages) {
    return yield* Effect.sync(() => extractByRules(pages))
  })
})
