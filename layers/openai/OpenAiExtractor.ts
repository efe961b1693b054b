import { DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import type { Page } from "../../src/domain/Page.ts"
import { ExtractorError, ExtractorReason, InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import { answerSchema, decodeAnswer } from "./extractionAnswer.ts"
import { toExtractorError } from "./openAiErrors.ts"
import { promptFor } from "./prompt.ts"

export interface OpenAiExtractorOptions {
  readonly apiKey: Redacted.Redacted<string>
  /** A model with structured outputs. */
  readonly model: string
  /** Of a server that speaks OpenAI's chat completions; OpenAI's own unless told. */
  readonly baseUrl?: string | undefined
  /** For the whole request; 60 s unless told. */
  readonly timeout?: Duration.Duration | undefined
}

/** Room for the fields, a long table of items and some reasoning; an answer that goes on is in a loop. */
const maxAnswerTokens = 16_000

/** Reasoning models refuse any temperature but their own (OpenAI, "Reasoning models", unsupported parameters). */
const takesTemperature = (model: string): boolean => !/^(ft:)?(o\d|gpt-[5-9])/.test(model)

/** What is read of a chat completion. The SDK's types promise more than a server keeps. */
const Completion = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({
    finish_reason: Schema.optional(Schema.NullOr(Schema.String)),
    message: Schema.Struct({
      content: Schema.optional(Schema.NullOr(Schema.String)),
      refusal: Schema.optional(Schema.NullOr(Schema.String))
    })
  }))
})
const decodeCompletion = Schema.decodeUnknownOption(Completion)

const unusable = (detail: string) => new ExtractorError({ reason: ExtractorReason.Unusable(), detail })
const refused = (detail: string) => new ExtractorError({ reason: ExtractorReason.Refused(), detail })

const readAnswer = Effect.fnUntraced(function*(answer: unknown) {
  const completion = decodeCompletion(answer)
  if (Option.isNone(completion)) return yield* unusable("the answer is no chat completion")
  const { finish_reason, message } = completion.value.choices[0]
  // A refusal's text may quote the document, so it is not repeated.
  if (message.refusal) return yield* refused("the model refused to answer")
  if (finish_reason === "content_filter") return yield* refused("the content filter stopped the answer")
  if (finish_reason === "length") return yield* unusable("the answer was cut at its greatest length")
  if (!message.content) return yield* unusable("the answer is empty")
  const fields = decodeAnswer(message.content)
  return Option.isSome(fields) ? fields.value : yield* unusable("the answer does not have the form that was asked for")
})

/**
 * OpenAI's chat completions with structured outputs. The SDK is loaded when the layer is built; its own retries are
 * off, for the job decides. A request carries the words of the pages and nothing else: no name of tenant, user or
 * file, and the provider is told not to store it.
 */
export const layer = (options: OpenAiExtractorOptions): Layer.Layer<InvoiceExtractor> =>
  Layer.effect(
    InvoiceExtractor,
    Effect.gen(function*() {
      const { default: OpenAI } = yield* Effect.promise(() => import("openai"))
      const timeout = options.timeout ?? Duration.seconds(60)
      const client = new OpenAI({
        apiKey: Redacted.value(options.apiKey),
        baseURL: options.baseUrl ?? "https://api.openai.com/v1",
        // Otherwise the SDK reads both from the environment, behind the configuration's back.
        organization: null,
        project: null,
        maxRetries: 0,
        timeout: Duration.toMillis(timeout),
        logLevel: "off"
      })

      const ask = (pages: ReadonlyArray<Page>, signal: AbortSignal): Promise<unknown> =>
        client.chat.completions.create({
          model: options.model,
          messages: [...promptFor(pages)],
          response_format: { type: "json_schema", json_schema: { name: "invoice", strict: true, schema: answerSchema } },
          max_completion_tokens: maxAnswerTokens,
          ...(takesTemperature(options.model) ? { temperature: 0 } : {}),
          store: false
        }, { signal })

      const extract = Effect.fn("InvoiceExtractor.extract")(function*(pages: ReadonlyArray<Page>) {
        const answer = yield* Effect.tryPromise({ try: (signal) => ask(pages, signal), catch: (cause) => cause }).pipe(
          Effect.catch((cause) => Effect.flatMap(DateTime.now, (now) => Effect.fail(toExtractorError(cause, now)))),
          // The SDK's own limit ends with the answer's head; the body may still stall.
          Effect.timeoutOrElse({
            duration: timeout,
            orElse: () =>
              Effect.fail(
                new ExtractorError({ reason: ExtractorReason.Unavailable(), detail: `OpenAI did not answer within ${Duration.format(timeout)}` })
              )
          })
        )
        return yield* readAnswer(answer)
      })

      return InvoiceExtractor.of({ extract })
    })
  )
