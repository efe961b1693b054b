import { Context, Effect, Layer, Schema } from "effect"
import { today } from "../domain/CalendarDate.ts"
import { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Warning } from "../domain/Reading.ts"
import { OutsideCalls } from "../observability/OutsideCalls.ts"
import { disagreement, mending } from "../reading/mend.ts"
import { inTurns, type Steps } from "../reading/turns.ts"
import { verification } from "../reading/verify.ts"
import type { Breaker } from "../services/Breaker.ts"
import { ExtractionModel, ModelOutcome, type ModelQuestion } from "../services/ExtractionModel.ts"
import { type ExtractionQuestion, ExtractorError, ExtractorReason, InvoiceExtractor } from "../services/InvoiceExtractor.ts"
import type { Limits } from "../services/Limits.ts"
import { PagePictures } from "../services/PagePictures.ts"
import { PaidCalls } from "../services/PaidCalls.ts"
import { InvoiceAtWork } from "./InvoiceAtWork.ts"
import { makePaidSteps, type PaidPolicy } from "./paidStep.ts"
import { mayStandIn } from "./standIn.ts"

/** The extraction by rules on this machine, which reads what the model may not, or cannot now. */
export class OfflineExtractor extends Context.Service<OfflineExtractor, InvoiceExtractor["Service"]>()("tt-worker/paid/OfflineExtractor") {}

const KeptOutcome = Schema.fromJsonString(Schema.Union([
  Schema.TaggedStruct("Answered", { fields: InvoiceFields }),
  Schema.TaggedStruct("Refused", { detail: Schema.String }),
  Schema.TaggedStruct("Truncated", { detail: Schema.String }),
  Schema.TaggedStruct("OffSchema", { detail: Schema.String, problem: Schema.String })
]))

const stoodIn: Warning = {
  code: "extracted-offline",
  field: null,
  message: "The model that reads invoices otherwise was not available; the fields were found by simpler rules on our own machine."
}

/** What a second look can set right. That something is not there, or is no invoice, is an answer. */
const beyondRepair: ReadonlySet<string> = new Set(["not-found", "doubtful", "is-a-quote", "not-an-invoice", "vat-rate-unknown"])

const failed = (reason: ExtractorReason, detail: string) => Effect.fail(new ExtractorError({ reason, detail }))

/** For the model, without any value. */
const inWords = (problems: ReadonlyArray<Warning>): ReadonlyArray<string> => problems.map(({ field, message }) => field === null ? message : `${field}: ${message}`)

/** The fields in an answer; one that has none is a failure, which asking the same again would not change. */
const fieldsOf = ModelOutcome.$match({
  Answered: ({ fields }) => Effect.succeed(fields),
  Refused: ({ detail }) => failed(ExtractorReason.Refused(), detail),
  Truncated: ({ detail }) => failed(ExtractorReason.Truncated(), detail),
  OffSchema: ({ detail }) => failed(ExtractorReason.Unusable(), detail)
})

/**
 * `InvoiceExtractor` by a model that takes money. Its answer is kept before it is judged. Where it fails the
 * verification it gets one repair turn that names what failed; the better of the two answers counts, and what still fails
 * is replaced by what the rules have found where that passes. A tenant that keeps its documents away is read by rules. With `fallback`, so is everybody while the model is not to be had or
 * declines, and the invoice says so.
 */
export const layer = (
  options: PaidPolicy & { readonly fallback: boolean }
): Layer.Layer<InvoiceExtractor, never, ExtractionModel | PagePictures | OfflineExtractor | PaidCalls | Limits | Breaker> =>
  Layer.effect(
    InvoiceExtractor,
    Effect.gen(function*() {
      const model = yield* ExtractionModel
      const offline = yield* OfflineExtractor
      const pictures = yield* PagePictures
      const book = yield* PaidCalls
      const paidStep = yield* makePaidSteps
      yield* (yield* OutsideCalls).uses(model.engine.provider)

      const ask = (step: "extraction" | "repair", { document, pages, readBy }: ExtractionQuestion, repair: ModelQuestion["repair"]) =>
        paidStep({
          step,
          engine: model.engine,
          input: readBy,
          canBeAskedAgain: true,
          mostUsed: model.mostUsed({ pages, picture: null, repair }),
          codec: KeptOutcome,
          isGood: ({ _tag }) => _tag === "Answered",
          call: pictures.first(document).pipe(
            Effect.flatMap((picture) => model.ask({ pages, picture, repair })),
            Effect.map(({ outcome, usage }) => ({ answer: outcome, usage }))
          )
        }, options)

      const byModel = Effect.fnUntraced(function*(question: ExtractionQuestion) {
        const { pages, source } = question
        const day = yield* today
        /** What the verification has against the fields, as far as a second look can set it right. */
        const problemsOf = function*(fields: InvoiceFields): Steps<ReadonlyArray<Warning>> {
          const { warnings } = yield* verification({ source, fields, pages, today: day })
          return warnings.filter(({ code }) => !beyondRepair.has(code))
        }
        const askToRepair = (fields: InvoiceFields | null, problems: ReadonlyArray<string>) =>
          Effect.flatMap(ask("repair", question, { fields, problems }), fieldsOf)

        /** Where the model fails although it was told so, the rules' answer counts if that passes. */
        const mended = (fields: InvoiceFields) =>
          Effect.flatMap(offline.extract(question), ({ fields: rules }) =>
            Effect.map(inTurns(() => mending(fields, rules, problemsOf)), (better) => ({ fields: better, notes: disagreement(better, rules) })))

        const first = yield* ask("extraction", question, null)
        if (first._tag === "OffSchema") return yield* mended(yield* askToRepair(null, [first.problem]))
        const fields = yield* fieldsOf(first)
        const problems = yield* inTurns(() => problemsOf(fields))
        if (problems.length === 0) return yield* mended(fields)
        return yield* askToRepair(fields, inWords(problems)).pipe(
          Effect.flatMap((repaired) => Effect.map(inTurns(() => problemsOf(repaired)), (left) => left.length < problems.length ? repaired : fields)),
          // The first answer is there, and its faults are shown to a person.
          Effect.catch((error) => Effect.logInfo(`the repair turn was left out: ${"detail" in error ? error.detail : error._tag}`).pipe(Effect.as(fields))),
          Effect.flatMap(mended)
        )
      })

      const byRules = Effect.fnUntraced(function*(question: ExtractionQuestion, notes: ReadonlyArray<Warning>) {
        const extraction = yield* offline.extract(question)
        const at = yield* InvoiceAtWork
        if (at !== null) yield* book.noteReader({ ...at, step: "extraction" }, "rules")
        return { ...extraction, notes }
      })

      return InvoiceExtractor.of({
        extract: Effect.fn("InvoiceExtractor.extract")((question: ExtractionQuestion) =>
          byModel(question).pipe(
            Effect.catchTag("KeptAway", () => byRules(question, [])),
            Effect.catchIf((error) => options.fallback && mayStandIn(error), (error) =>
              Effect.logWarning(`read by rules instead: ${error.message}`).pipe(Effect.andThen(byRules(question, [stoodIn])))
            )
          )
        )
      })
    })
  )
