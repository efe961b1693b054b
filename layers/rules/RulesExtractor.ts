import { Effect, Layer } from "effect"
import { parsePages } from "../../src/reading/parsedPages.ts"
import { fieldsOf } from "../../src/reading/rules.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"

/**
 * Reads invoices offline by rules: no key, no network, no failure. The work is bounded by `src/reading/excerpt` and
 * handed back to the event loop half-way, so that a catalogue of 100 pages does not hold up what else runs.
 */
export const layer: Layer.Layer<InvoiceExtractor> = Layer.succeed(InvoiceExtractor)({
  extract: Effect.fn("InvoiceExtractor.extract")(function*({ pages }) {
    const parsed = yield* Effect.sync(() => parsePages(pages))
    yield* Effect.yieldNow
    return { fields: fieldsOf(parsed) }
  })
})
