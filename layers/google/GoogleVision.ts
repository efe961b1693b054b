import type { protos } from "@google-cloud/vision"
import { Duration, Effect, Layer } from "effect"
import type { CancellablePromise } from "google-gax"
import type { Page } from "../../src/domain/Page.ts"
import { clientSpan } from "../../src/observability/clientSpan.ts"
import type { Document } from "../../src/services/DocumentReader.ts"
import { type RecognisedPages, RecognitionProvider } from "../../src/services/RecognitionProvider.ts"
import { VisionError, VisionReason } from "../../src/services/Vision.ts"
import { credentialsVariable, type GoogleEndpoint, type GoogleCredentials } from "./clientOptions.ts"
import { maxRequestBytes, prepareImage } from "./prepareImage.ts"
import { openVisionClient } from "./visionClient.ts"
import { toVisionError } from "./visionErrors.ts"
import { type Size, toPage } from "./visionPages.ts"

export interface GoogleVisionOptions {
  readonly credentials: GoogleCredentials
  /** Languages to expect (BCP 47); Vision finds them itself where there are none. */
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** In place of vision.googleapis.com, or of eu-vision.googleapis.com. */
  readonly endpoint?: GoogleEndpoint | undefined
  /** "eu" keeps documents in the European Union (Google Cloud Vision, "OCR language support and regions"); "any" unless told. */
  readonly region?: "eu" | "any" | undefined
  /** For one request; 60 s unless told. */
  readonly timeout?: Duration.Duration | undefined
}

type Images = protos.google.cloud.vision.v1.IBatchAnnotateImagesRequest
type ImageAnswers = protos.google.cloud.vision.v1.IBatchAnnotateImagesResponse
type Files = protos.google.cloud.vision.v1.IBatchAnnotateFilesRequest
type FileAnswers = protos.google.cloud.vision.v1.IBatchAnnotateFilesResponse
type ImageAnswer = protos.google.cloud.vision.v1.IAnnotateImageResponse

const features: NonNullable<protos.google.cloud.vision.v1.IAnnotateImageRequest["features"]> = [{ type: "DOCUMENT_TEXT_DETECTION" }]

/** Vision annotates at most so many pages of a file in one request (product documentation, "Detect text in files"). */
const pagesPerCall = 5

const ownHost = "vision.googleapis.com"
const euEndpoint: GoogleEndpoint = { host: "eu-vision.googleapis.com", port: 443, insecure: false }

/** Where Vision is asked; undefined is the library's own choice, vision.googleapis.com. */
export const endpointOf = (region: "eu" | "any", endpoint: GoogleEndpoint | undefined): GoogleEndpoint | undefined =>
  endpoint ?? (region === "eu" ? euEndpoint : undefined)

/** A page without text comes without a size: A4 in points. */
const unknownSize: Size = { width: 595, height: 842 }

/**
 * Google Cloud Vision over gRPC. The client is loaded when the layer is built, which fails where the credentials
 * cannot be used. Trying again is decided by the job: the client's own retries are off.
 */
export const layer = (options: GoogleVisionOptions): Layer.Layer<RecognitionProvider, VisionError> =>
  Layer.effect(
    RecognitionProvider,
    Effect.gen(function*() {
      const variable = credentialsVariable(options.credentials)
      const languageHints = [...(options.languageHints ?? [])]
      const timeout = Duration.toMillis(options.timeout ?? Duration.seconds(60))
      const region = options.region ?? "any"
      const endpoint = endpointOf(region, options.endpoint)
      const client = yield* openVisionClient(options.credentials, endpoint)

      /** By `innerApiCalls`, for only these can be cancelled. */
      const call = <Response>(method: "batchAnnotateImages" | "batchAnnotateFiles", request: object): Effect.Effect<Response, VisionError> =>
        Effect.callback((resume) => {
          const answer: CancellablePromise<[Response]> | undefined = client.innerApiCalls[method]?.(request, { timeout, retry: null })
          answer?.then(
            ([response]) => resume(Effect.succeed(response)),
            (cause) => resume(Effect.fail(toVisionError(cause, variable)))
          )
          return Effect.sync(() => answer?.cancel())
        })

      /** An answer that is well as a whole may hold errors for single images. */
      const checked = (answer: ImageAnswer | null | undefined): Effect.Effect<ImageAnswer, VisionError> => {
        const code = answer?.error?.code ?? 0
        return code === 0 ? Effect.succeed(answer ?? {}) : Effect.fail(toVisionError(answer?.error, variable))
      }

      const recogniseImage = Effect.fnUntraced(function*(bytes: Uint8Array): Effect.fn.Return<RecognisedPages, VisionError> {
        const { bytes: content, original, scale } = yield* prepareImage(bytes)
        const request: Images = { requests: [{ image: { content }, features, imageContext: { languageHints } }] }
        const { responses } = yield* call<ImageAnswers>("batchAnnotateImages", request)
        const answer = yield* checked(responses?.[0])
        const page = toPage(1, answer.fullTextAnnotation?.pages?.[0], original, scale)
        return { pages: [page], pageCount: 1 }
      })

      /** Without page numbers Vision takes the first five, however few there are. */
      const annotateFile = Effect.fnUntraced(function*(content: Uint8Array, pages: ReadonlyArray<number>) {
        const request: Files = {
          requests: [{ inputConfig: { content, mimeType: "application/pdf" }, features, imageContext: { languageHints }, pages: [...pages] }]
        }
        const { responses } = yield* call<FileAnswers>("batchAnnotateFiles", request)
        const file = responses?.[0]
        if ((file?.error?.code ?? 0) !== 0) return yield* toVisionError(file?.error, variable)
        const found: Array<Page> = []
        for (const [index, response] of (file?.responses ?? []).entries()) {
          const answer = yield* checked(response)
          const number = answer.context?.pageNumber || (pages[index] ?? index + 1)
          found.push(toPage(number, answer.fullTextAnnotation?.pages?.[0], unknownSize, 1))
        }
        return { pages: found, pageCount: Math.max(file?.totalPages ?? 0, found.length) }
      })

      const recognisePdf = Effect.fnUntraced(function*(bytes: Uint8Array, pages: ReadonlyArray<number>): Effect.fn.Return<RecognisedPages, VisionError> {
        if (bytes.length > maxRequestBytes) {
          return yield* new VisionError({
            reason: VisionReason.TooComplex({ limit: "20 MB" }),
            detail: `the PDF has ${bytes.length} bytes; Google Vision takes 20 MB in one request`
          })
        }
        return yield* annotateFile(bytes, pages)
      })

      const recognise = Effect.fn("RecognitionProvider.recognise", clientSpan(endpoint?.host ?? ownHost, endpoint?.port ?? 443))(function*(document: Document, pages: ReadonlyArray<number>) {
        switch (document.kind) {
          case "jpeg":
          case "png":
            return yield* recogniseImage(document.bytes)
          case "pdf":
            return yield* recognisePdf(document.bytes, pages)
          case "xml":
            return yield* new VisionError({ reason: VisionReason.BadImage(), detail: "XML has nothing to recognise" })
        }
      })

      const engine = { provider: "google-vision", model: "document-text-detection", region, version: languageHints.join(",") || "no hints" }
      return RecognitionProvider.of({ engine, pagesPerCall, recognise })
    })
  )
