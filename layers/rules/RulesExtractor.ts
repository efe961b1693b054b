import { Effect, Layer } from "effect"
import { agreeOnFields, nearestReading } from "../../src/reading/agreeOnFields.ts"
import type { Page } from "../../src/domain/Page.ts"
import { extraction } from "../../src/reading/rules.ts"
import { inTurns } from "../../src/reading/turns.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"

const readingOf = (pages: ReadonlyArray<Page>) => inTurns(() => extraction(pages))

/**
 * Reads invoices offline by rules: no key, no network, no failure. The work is bounded by `src/reading/excerpt` and
 * done in turns with other work, so that a catalogue of 100 pages does not hold up what else runs. Where recognition
 * made several passes each is read by itself, and the fields are those that most of them agree on.
 */
export const layer: Layer.Layer<InvoiceExtractor> = Layer.succeed(InvoiceExtractor)({
  extract: Effect.fn("InvoiceExtractor.extract")(function*({ pages, passes = [] }) {
    const first = yield* readingOf(pages)
    if (passes.length === 0) return { fields: first }
    const readings = [first, ...yield* Effect.forEach(passes, readingOf)] as const
    const fields = agreeOnFields(readings)
    const nearest = passes[nearestReading(fields, readings) - 1]
    return nearest === undefined ? { fields } : { fields, pages: nearest }
  })
})
