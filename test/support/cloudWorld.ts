import { Context, Duration, Effect, Layer, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import sharp from "sharp"
import { GoogleCredentials } from "../../layers/google/clientOptions.ts"
import * as GoogleVision from "../../layers/google/GoogleVision.ts"
import { memoryStores } from "../../layers/limits/memoryStores.ts"
import * as SharedLimits from "../../layers/limits/SharedLimits.ts"
import * as OpenAiModel from "../../layers/openai/OpenAiModel.ts"
import * as RulesExtractor from "../../layers/rules/RulesExtractor.ts"
import { InvoiceProcessing, type InvoiceProcessingServices } from "../../programs/invoice-processing/InvoiceProcessing.ts"
import { unknownFields } from "../../src/domain/InvoiceFields.ts"
import { modelPrice, visionPrice } from "../../src/domain/prices.ts"
import * as PaidExtractor from "../../src/paid/PaidExtractor.ts"
import type { PaidPolicy } from "../../src/paid/paidStep.ts"
import * as PaidVision from "../../src/paid/PaidVision.ts"
import { Breaker } from "../../src/services/Breaker.ts"
import { DocumentReader } from "../../src/services/DocumentReader.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { PagePictures } from "../../src/services/PagePictures.ts"
import { ObjectStorage } from "../../src/services/ObjectStorage.ts"
import { runAttempt } from "../../src/supervisor/attempt.ts"
import { startOpenAi } from "../emulators/openai.ts"
import { annotation, startVision, word } from "../emulators/vision.ts"
import { invoiceAttempt } from "./invoiceServices.ts"
import type { TestTables } from "./invoiceTables.ts"

const lines = ["Toitures Martin SARL", "Facture FA-2026-0147", "Date 04/03/2026", "Total HT 1000,00 EUR", "TVA 20 % 200,00 EUR", "Total TTC 1200,00 EUR"]

/** The words of an invoice as Vision writes them. */
export const invoiceLines = lines.flatMap((line, row) =>
  line.split(" ").map((text, index, all) => word(text, { x: 40 + 90 * index, y: 40 + 40 * row, width: 80, height: 20 }, { ends: index === all.length - 1 ? "LINE_BREAK" : "SPACE" })))

/** What the emulated Vision reads on every page. */
export const invoiceWords = annotation({ width: 600, height: 800 }, invoiceLines)

/** What a good model answers to that. */
export const goodAnswer = {
  ...unknownFields,
  documentType: "invoice",
  supplierName: "Toitures Martin SARL",
  invoiceNumber: "FA-2026-0147",
  invoiceDate: "2026-03-04",
  currency: "EUR",
  amountHT: "1000.00",
  amountTVA: "200.00",
  amountTTC: "1200.00"
}

let shade = 0
/** A photo that no other has the bytes of. */
export const newPhoto = Effect.promise(async () => {
  shade++
  const background = { r: shade % 256, g: Math.floor(shade / 256) % 256, b: 200 }
  return new Uint8Array(await sharp({ create: { width: 60, height: 80, channels: 3, background } }).jpeg().toBuffer())
})

export interface CloudOptions {
  readonly policy?: Partial<PaidPolicy & { readonly fallback: boolean }>
  readonly region?: "eu" | "any"
  readonly timeout?: Duration.Duration
}

const policy = { ratePerMinute: 10_000, concurrency: 50, monthlyLimit: null, fallback: false }

/**
 * Google's and OpenAI's own clients against emulators, with everything between them and the queue as it is in
 * production: the book, the limits (in memory), the breaker, the program. The file comes from a pretended storage.
 */
export const cloudWorld = (options: CloudOptions = {}) =>
  Effect.gen(function*() {
    const vision = yield* startVision
    const openAi = yield* startOpenAi
    vision.answerImage = () => ({ fullTextAnnotation: invoiceWords })
    openAi.replies = [{ kind: "answer", content: goodAnswer }]
    const own = { region: options.region ?? "any", timeout: options.timeout ?? Duration.seconds(1) }
    const files = new Map<string, Uint8Array>()

    const offline = Layer.mergeAll(
      Layer.succeed(PaidVision.OfflineVision, {
        recognise: () => Effect.succeed({
          pages: [{ number: 1, width: 600, height: 800, words: ["Offline", "SARL", "Facture", "7", "Total", "12,00", "EUR"].map((text, index) => ({ text, confidence: 0.9, box: { x0: 40, y0: 40 * index, x1: 120, y1: 40 * index + 20 } })) }],
          pageCount: 1,
          engine: "tesseract"
        })
      }),
      Layer.effect(PaidExtractor.OfflineExtractor, InvoiceExtractor).pipe(Layer.provide(RulesExtractor.layer))
    )
    const readers = Layer.mergeAll(
      PaidVision.layer({ ...policy, price: visionPrice(1.5), ...options.policy }),
      PaidExtractor.layer({ ...policy, price: modelPrice(0.4, 1.6), ...options.policy })
    ).pipe(
      Layer.provide([
        offline,
        PagePictures.none,
        GoogleVision.layer({ credentials: GoogleCredentials.KeyFile({ path: "none" }), endpoint: vision.endpoint, languageHints: ["fr", "en"], ...own }),
        OpenAiModel.layer({ apiKey: Redacted.make("sk-test"), model: "gpt-4.1-mini", baseUrl: openAi.baseUrl, ...own })
      ]),
      Layer.provideMerge(SharedLimits.layer.pipe(Layer.provide(memoryStores))),
      Layer.orDie
    )
    const storage = Layer.succeed(ObjectStorage, {
      presignGet: () => Effect.die("not asked for"),
      download: (key) => Effect.succeed(files.get(key) ?? new Uint8Array()),
      put: () => Effect.die("not asked for"),
      receive: () => Effect.die("not asked for"),
      head: () => Effect.die("not asked for")
    })
    const reader = Layer.succeed(DocumentReader, { read: () => Effect.succeed({ pageCount: 1, eInvoice: null, eInvoiceProblem: null, pages: [] }) })
    const tables = Layer.effectContext(Effect.context<TestTables>())
    const context: Context.Context<InvoiceProcessingServices | Breaker> = yield* Layer.build(
      Layer.mergeAll(readers, storage, reader, Digest.layerWebCrypto).pipe(Layer.provideMerge(tables))
    )
    return {
      vision,
      openAi,
      files,
      breaker: Context.get(context, Breaker),
      /** Calls so far: recognition, extraction. */
      calls: () => [vision.images.length + vision.files.length, openAi.requests.length] as const,
      attempt: (data: { readonly tenantId: string; readonly invoiceId: string; readonly generation?: number }, change: Partial<JobAttempt> = {}) =>
        runAttempt(InvoiceProcessing)(invoiceAttempt(data, change)).pipe(Effect.provideContext(context))
    }
  })
export type CloudWorld = Effect.Success<ReturnType<typeof cloudWorld>>
