import { Effect, Option, Result, Schema } from "effect"
import { attributes } from "../../src/observability/attributes.ts"
import { type ModelAnswer, ModelOutcome } from "../../src/services/ExtractionModel.ts"
import { ExtractorError, ExtractorReason } from "../../src/services/InvoiceExtractor.ts"
import { decodeAnswer } from "./extractionAnswer.ts"

const Count = Schema.optional(Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))))

/** What is read of a chat completion. The SDK's types promise more than a server keeps. */
const Completion = Schema.Struct({
  model: Schema.optional(Schema.NullOr(Schema.String)),
  choices: Schema.NonEmptyArray(Schema.Struct({
    finish_reason: Schema.optional(Schema.NullOr(Schema.String)),
    message: Schema.Struct({
      content: Schema.optional(Schema.NullOr(Schema.String)),
      refusal: Schema.optional(Schema.NullOr(Schema.String))
    })
  })),
  usage: Schema.optional(Schema.NullOr(Schema.Struct({ prompt_tokens: Count, completion_tokens: Count })))
})
const decodeCompletion = Schema.decodeUnknownOption(Completion)

const outcomeOf = ({ finish_reason, message }: (typeof Completion.Type)["choices"][0]): ModelOutcome => {
  // A refusal's text may quote the document, so it is not repeated.
  if (message.refusal) return ModelOutcome.Refused({ detail: "the model refused to answer" })
  if (finish_reason === "content_filter") return ModelOutcome.Refused({ detail: "the content filter stopped the answer" })
  if (finish_reason === "length") return ModelOutcome.Truncated({ detail: "the answer was cut at its greatest length" })
  if (!message.content) return ModelOutcome.OffSchema({ detail: "the answer is empty", problem: "It was empty." })
  return Result.match(decodeAnswer(message.content), {
    onSuccess: (fields) => ModelOutcome.Answered({ fields }),
    onFailure: (problem) => ModelOutcome.OffSchema({ detail: "the answer does not have the form that was asked for", problem: `It did not have the form of the schema: ${problem}` })
  })
}

/** As OpenTelemetry's conventions for generative AI name it: names and counts, no word of the answer. */
const tellOnSpan = ({ choices: [{ finish_reason }], model, usage }: typeof Completion.Type) =>
  Effect.annotateCurrentSpan({
    ...(model ? { [attributes.genAiResponseModel]: model } : {}),
    ...(finish_reason ? { [attributes.genAiFinishReasons]: [finish_reason] } : {}),
    ...(usage?.prompt_tokens ? { [attributes.genAiInputTokens]: usage.prompt_tokens } : {}),
    ...(usage?.completion_tokens ? { [attributes.genAiOutputTokens]: usage.completion_tokens } : {})
  })

/** The outcome of a chat completion and what it used; fails where the answer is none, as a proxy's page is. */
export const readCompletion = (answer: unknown): Effect.Effect<ModelAnswer, ExtractorError> =>
  Option.match(decodeCompletion(answer), {
    onNone: () =>
      Effect.fail(new ExtractorError({ reason: ExtractorReason.Unavailable(), mayHaveRun: true, detail: "the answer is no chat completion" })),
    onSome: (completion) => {
      const { choices: [choice], usage } = completion
      return Effect.as(tellOnSpan(completion), {
        outcome: outcomeOf(choice),
        usage: { pages: 0, inputTokens: usage?.prompt_tokens ?? 0, outputTokens: usage?.completion_tokens ?? 0 }
      })
    }
  })
