import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
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
