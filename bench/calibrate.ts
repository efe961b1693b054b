import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Effect, Layer } from "effect"
import * as ChildDocumentReader from "../layers/pdf/ChildDocumentReader.ts"
import * as RulesExtractor from "../layers/rules/RulesExtractor.ts"
import * as TesseractVision from "../layers/tesseract/TesseractVision.ts"
import { judgedFields, type JudgedField } from "../src/domain/InvoiceFields.ts"
import type { Reading } from "../src/domain/Reading.ts"
import { readInvoice } from "../src/pipeline/readInvoice.ts"
import { fieldConfidence, productOf } from "../src/reading/confidence.ts"
import type { Line, Weights } from "../src/reading/confidenceWeights.ts"
import { placesOf } from "../src/reading/evidence.ts"
import { groundNames, type Grounds, groundsOf } from "../src/reading/grounds.ts"
import { parsePages } from "../src/reading/parsedPages.ts"
import { type ExtractionQuestion, InvoiceExtractor } from "../src/services/InvoiceExtractor.ts"
import { type Judgement, judge } from "./support/compare.ts"
import * as keptPages from "./support/keptPages.ts"
import { type Case, type Fit, fit, predict } from "./support/logisticFit.ts"
import { isAllRight } from "./support/measures.ts"
import { parseTruth, type Truth } from "./support/truth.ts"

/**
 * Fits what the grounds for a value are worth to documents with their truth, and shows on documents that were held
 * back how often what is claimed is right:
 *
 *     npm run calibrate -- DIR[:WEIGHT]... --kept FOLDER [--write]
 *
 * Every second document is held back. `--kept` keeps what was recognised, as for `npm run accuracy`; an empty folder
 * when recognition has changed. `--write` writes `src/reading/confidenceWeights.ts`.
 */
const { positionals: folders, values: { kept, write } } = parseArgs({
  allowPositionals: true,
  options: { kept: { type: "string" }, write: { type: "boolean", default: false } }
})

interface Sample {
  readonly truth: Truth
  readonly weight: number
  readonly isHeldBack: boolean
  readonly reading: Reading
  readonly grounds: ReadonlyMap<JudgedField, Grounds>
  readonly judgements: ReadonlyArray<Judgement>
}

let asked: ExtractionQuestion | null = null

/** The rules, with an ear at the door: the grounds are those of the pages that were asked about. */
const overheard = Layer.effect(
  InvoiceExtractor,
  Effect.map(InvoiceExtractor, ({ extract }) => InvoiceExtractor.of({
    extract: (question) => Effect.suspend(() => {
      asked = question
      return extract(question)
    })
  }))
).pipe(Layer.provide(RulesExtractor.layer))

const sampleOf = Effect.fn("bench.sampleOf")(function*(folder: string, truth: Truth, weight: number, isHeldBack: boolean) {
  asked = null
  const reading = yield* Effect.option(readInvoice(new Uint8Array(readFileSync(join(folder, truth.file)))))
  if (reading._tag === "None" || asked === null) return []
  const { pages, source }: ExtractionQuestion = asked
  const { evidence, fields } = reading.value
  const parsed = parsePages(pages)
  const places = placesOf(fields, parsed, pages)
  const known = judgedFields.filter((field) => fields[field] !== null)
  const grounds = new Map(known.map((field) => [field, groundsOf(field, source, fields, parsed, places)] as const))
  const sample: Sample = { truth, weight, isHeldBack, reading: reading.value, grounds, judgements: judge(truth, fields, evidence) }
  return [sample]
})

const featuresOf = (grounds: Grounds): ReadonlyArray<number> => groundNames.map((name) => grounds[name] ?? 0)

const casesOf = (samples: ReadonlyArray<Sample>, field: JudgedField): ReadonlyArray<Case> =>
  samples.flatMap(({ grounds, judgements, weight }) => {
    const judgement = judgements.find((each) => each.field === field)
    const own = grounds.get(field)
    return judgement === undefined || judgement.verdict === "missing" || own === undefined ? [] : [{ features: featuresOf(own), isRight: judgement.verdict === "right", weight }]
  })

/**
 * What is thought before any document was seen: a value for which one of its grounds does not hold at all, whatever else
 * speaks for it, is as likely wrong as right. Documents say it better wherever there are some.
 */
const doubts = (samples: ReadonlyArray<Sample>, field: JudgedField): ReadonlyArray<Case> => {
  const used = groundNames.filter((name) => samples.some(({ grounds }) => grounds.get(field)?.[name] !== undefined))
  return used.flatMap((missing) =>
    [true, false].map((isRight) => ({ features: groundNames.map((name) => used.includes(name) && name !== missing ? 1 : 0), isRight, weight: 1 })))
}

const hundredths = (value: number): number => Math.round(value * 100) / 100

const weightsOf = ({ slopes, start }: Fit): Weights =>
  ({ start: hundredths(start), ...Object.fromEntries(groundNames.flatMap((name, index) => hundredths(slopes[index] ?? 0) === 0 ? [] : [[name, hundredths(slopes[index] ?? 0)]])) })

const logit = (value: number): number => Math.log(value / (1 - value))
const bounded = (value: number): number => Math.min(0.995, Math.max(0.02, value))

/** Receipts have two fields to judge; that both are right says little about the rest. */
const hasAllFields = ({ truth }: Sample): boolean => truth.label === undefined

const productWith = (weights: ReadonlyMap<JudgedField, Weights>) => ({ grounds, reading: { fields, source, warnings } }: Sample): number =>
  bounded(productOf(source, fields, new Map([...grounds].map(([field, own]) =>
    // Doubts follow from the confidence that is fitted here.
    [field, fieldConfidence(field, source, own, warnings.filter(({ code }) => code !== "doubtful"), weights.get(field))] as const))))

/** Claims at 0.9 and above are to be right in this share of the documents, so the line is drawn where they were. */
const enoughRight = 0.98

const shown = (values: ReadonlyArray<{ readonly claimed: number; readonly isRight: boolean }>): string =>
  [[0, 0.5], [0.5, 0.7], [0.7, 0.8], [0.8, 0.9], [0.9, 0.95], [0.95, 1.01]].flatMap(([from = 0, to = 1]) => {
    const inside = values.filter(({ claimed }) => claimed >= from && claimed < to)
    const mean = (of: (value: (typeof values)[number]) => number) => inside.reduce((sum, value) => sum + of(value), 0) / inside.length
    return inside.length === 0 ? [] : [`    ${from.toFixed(2)} – ${Math.min(1, to).toFixed(2)}  n ${String(inside.length).padStart(4)}  claimed ${mean(({ claimed }) => claimed).toFixed(3)}  right ${mean(({ isRight }) => isRight ? 1 : 0).toFixed(3)}`]
  }).join("\n")

/** Raises the bar until enough of the documents above 0.9 are right. */
const withMargin = (line: Line, cases: ReadonlyArray<{ readonly product: number; readonly isRight: boolean; readonly weight: number }>) => {
  const rightOf = (margin: number): number => {
    const sure = cases.filter(({ product }) => predict({ start: line.start - margin, slopes: [line.slope] }, [logit(product)]) >= 0.9)
    const sum = (all: typeof sure) => all.reduce((total, { weight }) => total + weight, 0)
    return sure.length === 0 ? 1 : sum(sure.filter(({ isRight }) => isRight)) / sum(sure)
  }
  let margin = 0
  while (rightOf(margin) < enoughRight && margin < 4) margin += 0.02
  return { start: hundredths(line.start - margin), slope: hundredths(line.slope) }
}

const fileOf = (weights: ReadonlyMap<JudgedField, Weights>, lines: ReadonlyMap<string, Line>): string => {
  const target = fileURLToPath(new URL("../src/reading/confidenceWeights.ts", import.meta.url))
  const head = readFileSync(target, "utf8").split("export const fieldWeights")[0] ?? ""
  const literal = (value: object) => `{ ${Object.entries(value).map(([name, number]) => `${name}: ${number}`).join(", ")} }`
  writeFileSync(target, `${head}export const fieldWeights: Readonly<Record<JudgedField, Weights>> = {\n${
    [...weights].map(([field, own]) => `  ${field}: ${literal(own)}`).join(",\n")
  }\n}\n\n/** From the product of the fields' confidences to the document's, in logits: fields are seldom wrong alone. */\nexport const documentWeights: Readonly<Record<"pdf-text" | "ocr", Line>> = {\n${
    [...lines].map(([source, line]) => `  "${source}": ${literal(line)}`).join(",\n")
  }\n}\n`)
  return target
}

const main = Effect.fn("bench.calibrate")(function*() {
  const samples: Array<Sample> = []
  for (const argument of folders) {
    const [, folder = argument, weight = "1"] = /^(.*?)(?::(\d+(?:\.\d+)?))?$/.exec(argument) ?? []
    const { truths } = parseTruth(readFileSync(join(folder, "truth.jsonl"), "utf8"))
    for (const [index, truth] of truths.filter(({ file }) => existsSync(join(folder, file))).entries()) samples.push(...yield* sampleOf(folder, truth, Number(weight), index % 2 === 1))
  }
  const [fitted, heldBack] = [samples.filter(({ isHeldBack }) => !isHeldBack), samples.filter(({ isHeldBack }) => isHeldBack)]
  const weights = new Map(judgedFields.map((field) => [field, weightsOf(fit([...casesOf(fitted, field), ...doubts(fitted, field)], groundNames.length))] as const))
  const product = productWith(weights)
  const documents = (of: ReadonlyArray<Sample>) => of.filter(hasAllFields).map((sample) => ({ product: product(sample), isRight: isAllRight(sample), weight: sample.weight }))
  const lineOf = (of: ReadonlyArray<Sample>): Line => {
    const { slopes: [slope = 1], start } = fit(documents(of).map((each) => ({ features: [logit(each.product)], isRight: each.isRight, weight: each.weight })), 1, 0)
    return withMargin({ start, slope }, documents(of))
  }
  const sources = ["pdf-text", "ocr"] as const
  const lines = new Map(sources.map((source) => [source, lineOf(fitted.filter(({ reading }) => reading.source === source))] as const))
  const print = (text: string) => process.stdout.write(`${text}\n`)
  print(`${fitted.length} documents fitted, ${heldBack.length} held back`)
  for (const field of judgedFields) {
    const own = weights.get(field)
    if (own === undefined) continue
    const slopes = groundNames.map((name) => own[name] ?? 0)
    print(`${field}  ${JSON.stringify(own)}\n${shown(casesOf(heldBack, field).map(({ features, isRight }) => ({ claimed: bounded(predict({ start: own.start, slopes }, features)), isRight })))}`)
  }
  const sureOf = (sample: Sample): number => {
    const line = sample.reading.source === "e-invoice" ? undefined : lines.get(sample.reading.source)
    return line === undefined ? 0 : bounded(predict({ start: line.start, slopes: [line.slope] }, [logit(product(sample))]))
  }
  for (const sample of samples.filter((each) => hasAllFields(each) && !isAllRight(each))) {
    const claimed = sureOf(sample)
    if (claimed >= 0.9) print(`sure (${claimed.toFixed(2)}) and not right${sample.isHeldBack ? ", held back" : ""}: ${sample.truth.file}  ${sample.judgements.filter(({ verdict }) => verdict !== "right").map(({ expected, field, given }) => `${field} ${expected} ${given ?? "–"} ${JSON.stringify(sample.grounds.get(field) ?? {})}`).join("; ")}`)
  }
  for (const source of sources) {
    const claims = (of: ReadonlyArray<Sample>) => of.filter((sample) => hasAllFields(sample) && sample.reading.source === source).map((sample) => ({ claimed: sureOf(sample), isRight: isAllRight(sample) }))
    print(`${source}, fitted  ${JSON.stringify(lines.get(source))}\n${shown(claims(fitted))}\n${source}, held back\n${shown(claims(heldBack))}`)
  }
  if (write) print(`written: ${fileOf(weights, lines)}`)
})

const tesseract = TesseractVision.layer({ concurrency: 1 })

if (folders.length === 0) {
  process.stderr.write("usage: npm run calibrate -- DIR[:WEIGHT]... [--kept FOLDER] [--write]\n")
  process.exitCode = 2
} else {
  await Effect.runPromise(main().pipe(Effect.provide([
    ChildDocumentReader.layer({ concurrency: 1 }),
    kept === undefined ? tesseract : Layer.provide(keptPages.layer(kept), tesseract),
    overheard
  ])))
}
