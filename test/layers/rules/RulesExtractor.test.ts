import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Duration, Effect } from "effect"
import * as RulesExtractor from "../../../layers/rules/RulesExtractor.ts"
import { extractByRules } from "../../../src/reading/rules.ts"
import { InvoiceExtractor } from "../../../src/services/InvoiceExtractor.ts"
import { nastyDocuments } from "../../src/reading/nastyDocuments.ts"
import { pageOf } from "../../src/reading/pageOf.ts"
import type { Page } from "../../../src/domain/Page.ts"

const about = (pages: ReadonlyArray<Page>) => ({ pages, source: "ocr", readBy: "test", document: { kind: "jpeg", bytes: new Uint8Array() } } as const)

describe("reading by rules, as the service", () => {
  it.effect("gives what the rules find", () =>
    Effect.gen(function*() {
      const extractor = yield* InvoiceExtractor
      const pages = nastyDocuments.map((document, index) => pageOf(document.text, { number: index + 1 })).slice(0, 1)
      assert.deepStrictEqual(yield* extractor.extract(about(pages)), { fields: extractByRules(pages) })
    }).pipe(Effect.provide(RulesExtractor.layer)))

  it.effect("agrees with what most passes of recognition say, and tells on which pages it stands", () =>
    Effect.gen(function*() {
      const extractor = yield* InvoiceExtractor
      const receipt = (total: string) => [pageOf(`Quincaillerie Fictive SARL\nTICKET\nDate : 14/03/2024\nTotal TTC   ${total} €`, { confidence: 0.8 })]
      const passes = [receipt("13,30"), receipt("73,30"), receipt("73,30"), receipt("73,30")]
      const { fields, pages } = yield* extractor.extract({ ...about(receipt("13,30")), passes })
      assert.strictEqual(fields.amountTTC === null ? "" : BigDecimal.format(fields.amountTTC), "73.3")
      assert.strictEqual(fields.invoiceDate, "2024-03-14")
      assert.strictEqual(pages, passes[1])
    }).pipe(Effect.provide(RulesExtractor.layer)))

  it.live("takes no longer for a catalogue of 100 pages than for a few", () =>
    Effect.gen(function*() {
      const extractor = yield* InvoiceExtractor
      const row = "Article 4711 chaise longue bleue 12 45,00 540,00"
      const page = (number: number) => pageOf(Array.from({ length: 25 }, () => row).join("\n"), { number })
      const hundred = Array.from({ length: 100 }, (_, index) => page(index + 1))
      yield* extractor.extract(about(hundred))
      // The least of three counts: a busy machine makes one slow, not all.
      const times = yield* Effect.forEach([1, 2, 3], () => Effect.timed(extractor.extract(about(hundred))))
      assert.isBelow(Math.min(...times.map(([took]) => Duration.toMillis(took))), 500, "milliseconds")
    }).pipe(Effect.provide(RulesExtractor.layer)))
})
