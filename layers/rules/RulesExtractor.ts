import { Effect, Layer } from "effect"
import type { Page } from "../../src/domain/Page.ts"
import { agreeOnFields, nearestReading } from "../../src/reading/agreeOnFields.ts"
import { parsePages } from "../../src/reading/parsedPages.ts"
import { fieldsOf } from "../../src/reading/rules.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"

/** Handed back to the event loop half-way, so that a catalogue of 100 pages does not hold up what else runs. */
const readingOf = Effect.fnUntraced(function*(pages: ReadonlyArray<Page>) {
  const parsed = yield* Effect.sync(() => parsePages(pages))
  yield* Effect.yieldNow
  const fields = fieldsOf(parsed)
  yield* Effect.yieldNow
  return fields
})

/**
 * Reads invoices offline by rules: no key, no network, no failure. The work is bounded by `src/reading/excerpt`. Where
 * recognition made several passes each is read by itself, and the fields are those that most of them agree on.
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
