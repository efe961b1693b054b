import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Effect, Layer } from "effect"
import * as ChildDocumentReader from "../layers/pdf/ChildDocumentReader.ts"
import * as RulesExtractor from "../layers/rules/RulesExtractor.ts"
import * as TesseractVision from "../layers/tesseract/TesseractVision.ts"
import { unknownFields } from "../src/domain/InvoiceFields.ts"
import { readInvoice } from "../src/pipeline/readInvoice.ts"
import { judge } from "./support/compare.ts"
import * as keptPages from "./support/keptPages.ts"
import { measuresOf, type Outcome } from "./support/measures.ts"
import { mistakesOf, tablesOf } from "./support/tables.ts"
import { treeMemory } from "./support/treeMemory.ts"
import { parseTruth, type Truth } from "./support/truth.ts"

/**
 * How well invoices are read offline, on any folder with a `truth.jsonl`:
 *
 *     npm run accuracy -- DIR [--set pdf-text]... [--mistakes] [--json] [--kept FOLDER]
 *
 * Every file goes through the pipeline (e-invoice, text layer or recognition; rules; verification), one at a time; one
 * file of each kind is read before the time is taken, so that all are read by processes that have started. With `--kept`
 * what was recognised is kept in a folder and taken from there: for work on the rules, not for taking times.
 */
const { positionals: [folder], values: { json, kept, mistakes: showsMistakes, set: sets } } = parseArgs({
  allowPositionals: true,
  options: { set: { type: "string", multiple: true }, mistakes: { type: "boolean", default: false }, json: { type: "boolean", default: false }, kept: { type: "string" } }
})

const read = (path: string) =>
  readInvoice(new Uint8Array(readFileSync(path))).pipe(
    Effect.map(({ confidence, evidence, fields, needsReview, source, warnings }) => ({
      confidence, evidence, fields, needsReview, source: String(source),
      warnings: warnings.map(({ code, field }) => field === null ? code : `${code}:${field}`)
    })),
    Effect.catch(({ code }) => Effect.succeed({ confidence: 0, evidence: {}, fields: unknownFields, needsReview: true, source: `failed: ${code}`, warnings: [] }))
  )

const measure = Effect.fn("bench.measure")(function*(folder: string, truth: Truth) {
  const begun = performance.now()
  const { evidence, fields, ...rest } = yield* read(join(folder, truth.file))
  const outcome: Outcome = { set: truth.set, file: truth.file, judgements: judge(truth, fields, evidence), ...rest, seconds: (performance.now() - begun) / 1000 }
  return outcome
})

const tesseract = TesseractVision.layer({ concurrency: 1 })
const layers = Layer.mergeAll(
  ChildDocumentReader.layer({ concurrency: 1 }),
  kept === undefined ? tesseract : Layer.provide(keptPages.layer(kept), tesseract),
  RulesExtractor.layer
)

const isPicture = ({ file }: Truth): boolean => /\.(jpe?g|png)$/i.test(file)

/** The most that this process and its children held together, looked at every 50 ms. */
const withPeak = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const watch = { peak: 0, timer: setInterval(() => void (watch.peak = Math.max(watch.peak, treeMemory(process.pid))), 50) }
      return watch
    }),
    (watch) => effect.pipe(Effect.map((value) => [value, watch.peak] as const)),
    ({ timer }) => Effect.sync(() => clearInterval(timer))
  )

const main = Effect.fn("bench.accuracy")(function*(folder: string) {
  const { truths, unreadable } = parseTruth(readFileSync(join(folder, "truth.jsonl"), "utf8"))
  const wanted = truths.filter(({ set }) => sets === undefined || sets.includes(set))
  const [present, absent] = [wanted.filter(({ file }) => existsSync(join(folder, file))), wanted.filter(({ file }) => !existsSync(join(folder, file))).map(({ file }) => file)]
  const samples = [present.find(isPicture), present.find((truth) => !isPicture(truth))].flatMap((truth) => truth === undefined ? [] : [truth])
  yield* Effect.forEach(samples, ({ file }) => read(join(folder, file)))
  const [outcomes, peak] = yield* withPeak(Effect.forEach(present, (truth) => measure(folder, truth)))
  const measures = measuresOf(outcomes)
  const peakMegabytes = Math.round(peak / 1e6)
  if (json) {
    process.stdout.write(`${JSON.stringify({ folder, ...measures, peakMegabytes, absent, unreadableLines: unreadable, files: outcomes }, null, 1)}\n`)
    return
  }
  process.stdout.write([
    tablesOf(measures),
    ...(showsMistakes ? [mistakesOf(outcomes)] : []),
    `${outcomes.length} documents; peak memory of all processes ${peakMegabytes} MB`,
    ...(absent.length === 0 ? [] : [`not there, left out: ${absent.join(", ")}`]),
    ...(unreadable.length === 0 ? [] : [`truth.jsonl: no truth in line ${unreadable.join(", ")}`])
  ].join("\n\n") + "\n")
})

if (folder === undefined || !existsSync(join(folder, "truth.jsonl"))) {
  process.stderr.write(folder === undefined ? "usage: npm run accuracy -- DIR [--set NAME]... [--mistakes] [--json] [--kept FOLDER]\n" : `there is no ${join(folder, "truth.jsonl")}\n`)
  process.exitCode = 2
} else {
  await Effect.runPromise(main(folder).pipe(Effect.provide(layers)))
}
