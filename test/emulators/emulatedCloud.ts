import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { frame } from "../../layers/openai/pageText.ts"
import * as RulesExtractor from "../../layers/rules/RulesExtractor.ts"
import * as TesseractVision from "../../layers/tesseract/TesseractVision.ts"
import { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import type { Page, Word } from "../../src/domain/Page.ts"
import type { Document } from "../../src/services/DocumentReader.ts"
import { type ExtractionQuestion, InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import { Vision } from "../../src/services/Vision.ts"
import { type OpenAiRequest, startOpenAi } from "./openai.ts"
import { startS3 } from "./s3.ts"
import { annotation, startVision, word } from "./vision.ts"

/** What the three services were asked until now. */
export interface CloudCalls {
  readonly vision: number
  readonly openAi: number
  readonly s3: number
}

/** How wide and high a character of the prompt is taken to be; only the proportions matter. */
const cell = { width: 6, height: 12 }

/** The words of one page of the prompt, where they stand in it. */
const wordsOf = (lines: ReadonlyArray<string>): ReadonlyArray<Word> =>
  lines.flatMap((line, row) =>
    [...line.matchAll(/\S+/g)].map(({ 0: text, index }): Word => ({
      text,
      box: { x0: index * cell.width, y0: row * cell.height, x1: (index + text.length) * cell.width, y1: (row + 0.8) * cell.height },
      confidence: 1
    })))

/** The pages that a prompt shows, read back from its text. */
export const pagesOfPrompt = (prompt: string): ReadonlyArray<Page> => {
  const text = prompt.slice(prompt.indexOf(frame.open) + frame.open.length, prompt.lastIndexOf(frame.close))
  return text.split(/^--- page \d+ ---$/m).slice(1).map((page, index) => {
    const lines = page.split("\n")
    return { number: index + 1, width: 110 * cell.width, height: lines.length * cell.height, words: wordsOf(lines) }
  })
}

const decodeMessages = Schema.decodeUnknownSync(Schema.Struct({ messages: Schema.Array(Schema.Struct({ content: Schema.Unknown })) }))
const promptOf = ({ body }: OpenAiRequest): string =>
  decodeMessages(body).messages.map(({ content }) => typeof content === "string" ? content : JSON.stringify(content)).join("\n")

/** The rules look at the words alone. */
const questionOf = (request: OpenAiRequest): ExtractionQuestion => ({
  pages: pagesOfPrompt(promptOf(request)),
  source: "ocr",
  readBy: "prompt",
  document: { kind: "xml", bytes: new Uint8Array() }
})

const annotationOf = ({ height, width, words }: Page) =>
  annotation({ width, height }, words.map(({ box, confidence, text }) =>
    word(text, { x: box.x0, y: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 }, { confidence })))

/**
 * Google Vision, OpenAI and S3 on loopback, until the scope closes. The wires are theirs; behind them work Tesseract
 * and the rules, so that whatever is sent gets a true answer. Gives what a worker needs to use them.
 */
export const startEmulatedCloud: Effect.Effect<
  { readonly environment: Readonly<Record<string, string>>; readonly calls: Effect.Effect<CloudCalls> },
  never,
  Scope.Scope
> = Effect.gen(function*() {
  const [vision, openAi, s3] = yield* Effect.all([startVision, startOpenAi, startS3])
  const engines = yield* Layer.build(Layer.mergeAll(TesseractVision.layer({ concurrency: 1 }), RulesExtractor.layer))

  const recognise = (document: Document) => Effect.runPromise(Context.get(engines, Vision).recognise(document))
  vision.answerImage = async ({ image }) => {
    const bytes = Uint8Array.from(Buffer.from(image?.content ?? ""))
    const { pages } = await recognise({ kind: bytes[0] === 0x89 ? "png" : "jpeg", bytes })
    return pages[0] === undefined ? {} : { fullTextAnnotation: annotationOf(pages[0]) }
  }
  vision.answerFile = async ({ inputConfig, pages: asked }) => {
    const { pageCount, pages } = await recognise({ kind: "pdf", bytes: Uint8Array.from(Buffer.from(inputConfig?.content ?? "")) })
    const wanted = asked === null || asked === undefined || asked.length === 0 ? [1, 2, 3, 4, 5] : asked
    return {
      totalPages: pageCount,
      responses: pages.filter(({ number }) => wanted.includes(number)).map((page) => ({
        context: { pageNumber: page.number },
        fullTextAnnotation: annotationOf(page)
      }))
    }
  }
  openAi.replies = [{
    kind: "work-out",
    content: (request) =>
      Effect.runPromise(
        Context.get(engines, InvoiceExtractor).extract(questionOf(request)).pipe(Effect.flatMap(({ fields }) => Schema.encodeEffect(InvoiceFields)(fields)))
      )
  }]

  return {
    environment: {
      GOOGLE_VISION_API_KEY: "emulated",
      GOOGLE_VISION_ENDPOINT: `http://${vision.endpoint.host}:${vision.endpoint.port}`,
      OPENAI_API_KEY: "emulated",
      OPENAI_BASE_URL: openAi.baseUrl,
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET: s3.bucket,
      S3_ACCESS_KEY_ID: s3.account.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.account.secretAccessKey
    },
    calls: Effect.sync(() => ({
      vision: vision.images.length + vision.files.length,
      openAi: openAi.requests.length,
      s3: s3.requests.length
    }))
  }
})
