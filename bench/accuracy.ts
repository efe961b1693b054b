import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Clock, Effect, Layer } from "effect"
import * as ChildDocumentReader from "../layers/pdf/ChildDocumentReader.ts"
import * as RulesExtractor from "../layers/rules/RulesExtractor.ts"
import * as TesseractVision from "../layers/tesseract/TesseractVision.ts"
import { type InvoiceFields, unknownFields } from "../src/domain/InvoiceFields.ts"
import { readInvoice } from "../src/pipeline/readInvoice.ts"
import { judge } from "./support/compare.ts"
import { documentTable, fieldTable, mistakes, type Outcome } from "./support/tally.ts"
import { parseTruth, type Truth } from "./support/truth.ts"

/**
 * How well invoices are read offline, on any folder with a `truth.jsonl`:
 *
 *     npm run accuracy -- DIR [--set pdf-text] [--mistakes]
 *
 * Every file goes through the pipeline (e-invoice, text layer or recognition; rules; verification), one at a time.
 */
const { positionals: [folder], values: { mistakes: showsMistakes, set } } = parseArgs({
  allowPositionals: true,
  options: { set: { type: "string" }, mistakes: { type: "boolean", default: false } }
})

interface Read {
  readonly confidence: number
  readonly fields: InvoiceFields
  readonly source: string
}

const measure = Effect.fn("bench.measure")(function*(folder: string, truth: Truth) {
  const bytes = new Uint8Array(readFileSync(join(folder, truth.file)))
  const start = yield* Clock.currentTimeMillis
  const { confidence, fields, source } = yield* readInvoice(bytes).pipe(
    Effect.map((reading): Read => reading),
    Effect.catch((error) => Effect.succeed<Read>({ confidence: 0, fields: unknownFields, source: `failed: ${error.code}` }))
  )
  const seconds = ((yield* Clock.currentTimeMillis) - start) / 1000
  const outcome: Outcome = { set: truth.set, file: truth.file, verdicts: judge(truth, fields), confidence, source, seconds }
  return outcome
})

const layers = Layer.mergeAll(
  ChildDocumentReader.layer({ concurrency: 1 }),
  TesseractVision.layer({ concurrency: 1 }),
  RulesExtractor.layer
)

const main = Effect.fn("bench.accuracy")(function*(folder: string) {
  const truths = parseTruth(readFileSync(join(folder, "truth.jsonl"), "utf8")).filter((truth) => set === undefined || truth.set === set)
  const outcomes = yield* Effect.forEach(truths, (truth) => measure(folder, truth))
  const parts = [fieldTable(outcomes), documentTable(outcomes), ...(showsMistakes ? [mistakes(outcomes)] : [])]
  process.stdout.write(`${parts.join("\n\n")}\n\npeak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB without the children\n`)
})

if (folder === undefined) {
  process.stderr.write("usage: node bench/accuracy.ts DIR [--set NAME] [--mistakes]\n")
  process.exitCode = 2
} else {
  await Effect.runPromise(main(folder).pipe(Effect.provide(layers)))
}
