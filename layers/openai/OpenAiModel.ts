import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { nothingUsed, type ProviderUsage } from "../../src/domain/ProviderEngine.ts"
import { attributes } from "../../src/observability/attributes.ts"
import { clientSpanOf } from "../../src/observability/clientSpan.ts"
import { ExtractionModel, type ModelQuestion } from "../../src/services/ExtractionModel.ts"
import { ExtractorError, ExtractorReason } from "../../src/services/InvoiceExtractor.ts"
import { readCompletion } from "./completion.ts"
import { answerSchema } from "./extractionAnswer.ts"
import { refusedSetting, toExtractorError } from "./openAiErrors.ts"
import { pagePicture } from "./pagePicture.ts"
import { promptFor, promptVersion } from "./prompt.ts"
import { modelServer } from "./server.ts"

export interface OpenAiModelOptions {
  readonly apiKey: Redacted.Redacted<string>
  /** A model with structured outputs. */
  readonly model: string
  /** Of a server that speaks OpenAI's chat completions; OpenAI's own of the region unless told. */
  readonly baseUrl?: string | undefined
  /** "eu" asks OpenAI's servers in the European Union, or says that `baseUrl` is there; "any" unless told. */
  readonly region?: "eu" | "any" | undefined
  /** Also give the model the picture of the first page, where there is one; it must be one that sees. */
  readonly pictures?: boolean | undefined
  /** For the whole request; 60 s unless told. */
  readonly timeout?: Duration.Duration | undefined
}

/** Room for the fields, a long table of items and some reasoning; an answer that goes on is in a loop. */
const maxAnswerTokens = 16_000

/** Instructions and schema, with room. */
const promptTokens = 4_000
/** A picture of 2048 pixels: gpt-4o-mini counts most, 2833 and 5667 for each of up to six tiles (OpenAI, "Images and vision"). */
const pictureTokens = 40_000

/** Reasoning models refuse any temperature but their own (OpenAI, "Reasoning models", unsupported parameters). */
const takesTemperature = (model: string): boolean => !/^(ft:)?(o\d|gpt-[5-9])/.test(model)

/** Settings that can be left out or said otherwise where a model or a compatible server refuses them. */
interface Leaves {
  temperature: boolean
  store: boolean
  maxCompletionTokens: boolean
}

const settingOf = (parameter: string | null): keyof Leaves | null =>
  parameter === "temperature" || parameter === "store" ? parameter : parameter === "max_completion_tokens" ? "maxCompletionTokens" : null

/**
 * OpenAI's chat completions with structured outputs. The SDK is loaded when the layer is built; its own retries are
 * off, for the job decides. A request carries the words of the pages, by switch their picture, and nothing else: no
 * name of tenant, user or file; the provider is told not to store it.
 */
export const layer = (options: OpenAiModelOptions): Layer.Layer<ExtractionModel> =>
  Layer.effect(
    ExtractionModel,
    Effect.gen(function*() {
      const { default: OpenAI } = yield* Effect.promise(() => import("openai"))
      const timeout = options.timeout ?? Duration.seconds(60)
      const region = options.region ?? "any"
      const server = modelServer(options.baseUrl, region, Redacted.value(options.apiKey))
      const client = new OpenAI({
        apiKey: Redacted.value(options.apiKey),
        baseURL: server.baseUrl,
        defaultQuery: server.query,
        defaultHeaders: server.headers,
        // Otherwise the SDK reads both from the environment, behind the configuration's back.
        organization: null,
        project: null,
        maxRetries: 0,
        timeout: Duration.toMillis(timeout),
        logLevel: "off"
      })
      const leaves: Leaves = { temperature: !takesTemperature(options.model), store: false, maxCompletionTokens: false }

      const send = (question: ModelQuestion, picture: string | null, signal: AbortSignal): Promise<unknown> =>
        client.chat.completions.create({
          model: options.model,
          messages: [...promptFor(question, picture)],
          response_format: { type: "json_schema", json_schema: { name: "invoice", strict: true, schema: answerSchema } },
          ...(leaves.maxCompletionTokens ? { max_tokens: maxAnswerTokens } : { max_completion_tokens: maxAnswerTokens }),
          ...(leaves.temperature ? {} : { temperature: 0 }),
          ...(leaves.store ? {} : { store: false })
        }, { signal })

      /** Whether the refusal was about a setting that is left out from now on. OpenAI itself never refuses `store`. */
      const adapt = (cause: unknown): boolean => {
        const setting = settingOf(refusedSetting(cause))
        if (setting === null || leaves[setting] || (setting === "store" && server.name === "openai")) return false
        leaves[setting] = true
        return true
      }

      const request = (question: ModelQuestion, picture: string | null): Effect.Effect<unknown, ExtractorError> =>
        Effect.tryPromise({ try: (signal) => send(question, picture, signal), catch: (cause) => cause }).pipe(
          // Refused before anything was read, and not billed.
          Effect.catch((cause) =>
            adapt(cause)
              ? request(question, picture)
              : Effect.flatMap(DateTime.now, (now) => Effect.fail(toExtractorError(cause, now))))
        )

      const toServer = clientSpanOf(new URL(server.baseUrl))
      /** Named and told as OpenTelemetry's conventions for generative AI have it. */
      const asChat = Effect.withSpan(`chat ${options.model}`, {
        ...toServer,
        attributes: {
          ...toServer.attributes,
          [attributes.genAiOperation]: "chat",
          [attributes.genAiProvider]: server.protocol,
          [attributes.genAiRequestModel]: options.model,
          [attributes.genAiMaxTokens]: maxAnswerTokens,
          [attributes.genAiOutputType]: "json"
        }
      })

      const ask = Effect.fnUntraced(function*(question: ModelQuestion) {
        const picture = options.pictures === true && question.picture !== null ? yield* pagePicture(question.picture) : null
        const answer = yield* request(question, picture).pipe(
          // The SDK's own limit ends with the answer's head; the body may still stall.
          Effect.timeoutOrElse({
            duration: timeout,
            orElse: () =>
              Effect.fail(
                new ExtractorError({ reason: ExtractorReason.Unavailable(), mayHaveRun: true, detail: `OpenAI did not answer within ${Duration.format(timeout)}` })
              )
          })
        )
        return yield* readCompletion(answer)
      }, (asking) => asking.pipe(Effect.tapError(({ code }) => Effect.annotateCurrentSpan(attributes.errorCode, code)), asChat))

      const mostUsed = (question: ModelQuestion): ProviderUsage => {
        const bytes = new TextEncoder().encode(promptFor(question, null).map(({ content }) => typeof content === "string" ? content : "").join("")).length
        return {
          ...nothingUsed,
          inputTokens: promptTokens + Math.ceil(bytes / 2) + (options.pictures === true ? pictureTokens : 0),
          outputTokens: maxAnswerTokens
        }
      }

      return ExtractionModel.of({
        engine: {
          provider: server.name,
          model: options.model,
          region,
          version: `prompt ${promptVersion}${options.pictures === true ? ", with picture" : ""}`
        },
        mostUsed,
        ask
      })
    })
  )
