import { Context, Effect, Layer, Schema } from "effect"
import { maxOcrPages } from "../domain/limits.ts"
import { Page } from "../domain/Page.ts"
import { nothingUsed } from "../domain/ProviderEngine.ts"
import type { Warning } from "../domain/Reading.ts"
import { OutsideCalls } from "../observability/OutsideCalls.ts"
import type { Breaker } from "../services/Breaker.ts"
import type { Document } from "../services/DocumentReader.ts"
import type { Limits } from "../services/Limits.ts"
import { PaidCalls } from "../services/PaidCalls.ts"
import { type RecognisedPages, RecognitionProvider } from "../services/RecognitionProvider.ts"
import { type Recognition, Vision } from "../services/Vision.ts"
import { InvoiceAtWork } from "./InvoiceAtWork.ts"
import { pagesLeft } from "./pagesLeft.ts"
import { makePaidSteps, type PaidPolicy } from "./paidStep.ts"
import { mayStandIn } from "./standIn.ts"

/** The recognition on this machine, which reads what the provider may not, or cannot now. */
export class OfflineVision extends Context.Service<OfflineVision, Vision["Service"]>()("tt-worker/paid/OfflineVision") {}

const KeptPages = Schema.fromJsonString(Schema.Struct({ pages: Schema.Array(Page), pageCount: Schema.Int }))

const stoodIn: Warning = {
  code: "recognised-offline",
  field: null,
  message: "The text recognition that is used otherwise was not available; the text was recognised by the simpler one on our own machine."
}

/**
 * `Vision` by a provider that takes money. Each call's answer is kept before the next one is made, so that no page is
 * paid for twice; of a long file the first pages and the last are read. A tenant that keeps its documents away is read
 * offline. With `fallback`, so is everybody while the provider is not to be had, and the invoice says so.
 */
export const layer = (
  options: PaidPolicy & { readonly fallback: boolean }
): Layer.Layer<Vision, never, RecognitionProvider | OfflineVision | PaidCalls | Limits | Breaker> =>
  Layer.effect(
    Vision,
    Effect.gen(function*() {
      const provider = yield* RecognitionProvider
      const offline = yield* OfflineVision
      const book = yield* PaidCalls
      const paidStep = yield* makePaidSteps
      yield* (yield* OutsideCalls).uses(provider.engine.provider)

      const readPages = (document: Document, pages: ReadonlyArray<number>) =>
        paidStep({
          step: pages.length === 0 ? "recognition" : `recognition:${pages.join(",")}`,
          engine: provider.engine,
          input: "file",
          canBeAskedAgain: false,
          mostUsed: { ...nothingUsed, pages: pages.length || (document.kind === "pdf" ? provider.pagesPerCall : 1) },
          codec: KeptPages,
          isGood: () => true,
          call: Effect.map(provider.recognise(document, pages), (answer: RecognisedPages) => ({
            answer,
            usage: { ...nothingUsed, pages: answer.pages.length }
          }))
        }, options)

      const byProvider = Effect.fnUntraced(function*(document: Document) {
        const first = yield* readPages(document, [])
        // A page without a number of its own is the only one.
        const rest = yield* Effect.forEach(pagesLeft(first.pageCount, maxOcrPages, provider.pagesPerCall), (pages) => readPages(document, pages))
        const pages = [...first.pages, ...rest.flatMap((part) => part.pages)]
        return { pages, pageCount: Math.max(first.pageCount, pages.length), engine: provider.engine.provider }
      })

      const byOurselves = Effect.fnUntraced(function*(document: Document, notes: ReadonlyArray<Warning>) {
        const recognition: Recognition = yield* offline.recognise(document)
        const at = yield* InvoiceAtWork
        if (at !== null) yield* book.noteReader({ ...at, step: "recognition" }, recognition.engine)
        return { ...recognition, notes }
      })

      return Vision.of({
        recognise: Effect.fn("Vision.recognise")((document: Document) =>
          byProvider(document).pipe(
            Effect.catchTag("KeptAway", () => byOurselves(document, [])),
            Effect.catchIf((error) => options.fallback && mayStandIn(error), (error) =>
              Effect.logWarning(`recognised offline instead: ${error.message}`).pipe(Effect.andThen(byOurselves(document, [stoodIn])))
            )
          )
        )
      })
    })
  )
