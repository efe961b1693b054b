import { Effect, Layer } from "effect"
import { extraction } from "../../src/reading/rules.ts"
import { inTurns } from "../../src/reading/turns.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"

/**
 * Reads invoices offline by rules: no key, no network, no failure. The work is bounded by `src/reading/excerpt` and
 * done in turns with other work, so that a catalogue of 100 pages does not hold up what else runs.
 */
export const layer: Layer.Layer<InvoiceExtractor> = Layer.succeed(InvoiceExtractor)({
  extract: Effect.fn("InvoiceExtractor.extract")(function*({ pages }) {
    return { fields: yield* inTurns(() => extraction(pages)) }
  })
})
