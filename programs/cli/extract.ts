import { Console, Effect } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type { Reading } from "../../src/domain/Reading.ts"
import { readInvoice } from "../../src/pipeline/readInvoice.ts"
import { InternalError } from "../../src/supervisor/failures.ts"
import { ExitWithStatus } from "./ExitWithStatus.ts"
import { printableFields } from "./printableFields.ts"
import { readFile } from "./readFile.ts"
import { shorten, table } from "./table.ts"

interface Read {
  readonly _tag: "Read"
  readonly file: string
  readonly reading: Reading
}
interface Failed {
  readonly _tag: "Failed"
  readonly file: string
  readonly code: string
  readonly message: string
}
type Outcome = Read | Failed

/** Never fails: what went wrong with one file is its outcome, and the others still come. */
const extractOne = (file: string) =>
  readFile(file).pipe(
    Effect.flatMap(readInvoice),
    Effect.match({
      onSuccess: (reading): Outcome => ({ _tag: "Read", file, reading }),
      onFailure: (error): Outcome => ({ _tag: "Failed", file, code: error.code, message: error.plainWords })
    }),
    Effect.catchDefect((defect) => {
      const error = new InternalError({ defect: defect instanceof Error ? defect.name : "defect" })
      return Effect.logError(`${file}: a fault of this program`, defect).pipe(
        Effect.as<Outcome>({ _tag: "Failed", file, code: error.code, message: error.message })
      )
    })
  )

const toJson = (outcome: Outcome): string =>
  JSON.stringify(
    outcome._tag === "Failed"
      ? { file: outcome.file, error: { code: outcome.code, message: outcome.message } }
      : {
        file: outcome.file,
        source: outcome.reading.source,
        fields: printableFields(outcome.reading.fields),
        confidence: outcome.reading.confidence,
        needsReview: outcome.reading.needsReview,
        warnings: outcome.reading.warnings,
        evidence: outcome.reading.evidence
      }
  )

const heading = ["file", "source", "supplier", "number", "date", "HT", "TVA", "TTC", "", "sure"]

const toRow = ({ file, reading: { confidence, fields, source } }: Read): ReadonlyArray<string> => {
  const { amountHT, amountTTC, amountTVA, currency, invoiceDate, invoiceNumber, supplierName } = printableFields(fields)
  return [
    file,
    source,
    shorten(supplierName ?? "?", 32),
    invoiceNumber ?? "?",
    invoiceDate ?? "?",
    amountHT ?? "?",
    amountTVA ?? "?",
    amountTTC ?? "?",
    currency ?? "",
    `${Math.round(confidence * 100)} %`
  ]
}

/** Failures have a line of words under the table instead of a row that would widen every column. */
const toTable = (outcomes: ReadonlyArray<Outcome>): string => {
  const read = outcomes.filter((outcome) => outcome._tag === "Read")
  const failed = outcomes.filter((outcome) => outcome._tag === "Failed")
  return [
    ...(read.length > 0 ? [table([heading, ...read.map(toRow)])] : []),
    ...failed.map(({ code, file, message }) => `  ${file}: ${message} (${code})`)
  ].join("\n")
}

/** `extract FILE... [--json]`: reads invoices without queue and database. Exit status 1 when a file could not be read. */
export const extract = Command.make(
  "extract",
  {
    files: Argument.String("file").pipe(Argument.withDescription("PDF, JPEG, PNG or e-invoice XML"), Argument.atLeast(1)),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One line of JSON per file"), Flag.withDefault(false))
  },
  Effect.fnUntraced(function*({ files, json }) {
    const outcomes = yield* Effect.forEach(files, (file) =>
      extractOne(file).pipe(Effect.tap((outcome) => json ? Console.log(toJson(outcome)) : Effect.void)))
    if (!json) yield* Console.log(toTable(outcomes))
    if (outcomes.some(({ _tag }) => _tag === "Failed")) return yield* new ExitWithStatus({ status: 1 })
  })
).pipe(
  Command.withDescription("Read invoices from files, without queue and database"),
  Command.withExamples([{ command: "tt-worker extract facture.pdf photo.jpg --json", description: "One JSON line per file" }])
)
