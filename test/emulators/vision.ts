import { protos } from "@google-cloud/vision"
import { Effect, type Scope } from "effect"
import { grpc, protobuf } from "google-gax"

const api = protos.google.cloud.vision.v1
type ImageAnswer = protos.google.cloud.vision.v1.IAnnotateImageResponse
type ImageQuestion = protos.google.cloud.vision.v1.IAnnotateImageRequest
type FileQuestion = protos.google.cloud.vision.v1.IAnnotateFileRequest
type FileAnswer = protos.google.cloud.vision.v1.IAnnotateFileResponse

/** What happens to one call instead of its answer. */
export type VisionFault =
  | { readonly kind: "code"; readonly code: number; readonly retryAfterSeconds?: number; readonly reason?: string }
  | { readonly kind: "silence" }
  /** The head of the answer, then the connection drops. */
  | { readonly kind: "cut" }
  | { readonly kind: "delay"; readonly millis: number }

export interface VisionEmulator {
  readonly endpoint: { readonly host: string; readonly port: number; readonly insecure: true }
  /** The next calls meet these, one each. */
  readonly faults: Array<VisionFault>
  readonly images: Array<ImageQuestion>
  readonly files: Array<FileQuestion>
  /** Calls that the client gave up. */
  cancelled: number
  answerImage: (question: ImageQuestion) => ImageAnswer | Promise<ImageAnswer>
  answerFile: (question: FileQuestion) => FileAnswer | Promise<FileAnswer>
  /** Each call waits for this before it is answered; `peer` is the client's port. */
  before?: (images: ReadonlyArray<ImageQuestion>, peer: number) => Promise<void>
}

/** Vision's wire: what gRPC needs to know of one method, from the package's own classes. */
const method = <Question extends object, Answer extends object>(
  name: string,
  question: { decode(bytes: Uint8Array): Question; encode(value: Question): protobuf.Writer },
  answer: { decode(bytes: Uint8Array): Answer; encode(value: Answer): protobuf.Writer }
): grpc.MethodDefinition<Question, Answer> => ({
  path: `/google.cloud.vision.v1.ImageAnnotator/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value) => Buffer.from(question.encode(value).finish()),
  requestDeserialize: (bytes) => question.decode(bytes),
  responseSerialize: (value) => Buffer.from(answer.encode(value).finish()),
  responseDeserialize: (bytes) => answer.decode(bytes)
})

const service = {
  batchAnnotateImages: method("BatchAnnotateImages", api.BatchAnnotateImagesRequest, api.BatchAnnotateImagesResponse),
  batchAnnotateFiles: method("BatchAnnotateFiles", api.BatchAnnotateFilesRequest, api.BatchAnnotateFilesResponse)
}

/** google.rpc.Status with its details, as it travels in the trailer `grpc-status-details-bin`. */
const rpc = protobuf.parse(`
  syntax = "proto3"; package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message RetryInfo { Duration retry_delay = 1; }
  message ErrorInfo { string reason = 1; string domain = 2; }
`, { keepCase: true }).root

const encoded = (name: string, value: object): Uint8Array => {
  const type = rpc.lookupType(`google.rpc.${name}`)
  return type.encode(type.fromObject(value)).finish()
}

const detail = (name: string, value: object) => ({ type_url: `type.googleapis.com/google.rpc.${name}`, value: encoded(name, value) })

const refusal = (fault: Extract<VisionFault, { kind: "code" }>): Partial<grpc.StatusObject> => {
  const details = [
    ...(fault.retryAfterSeconds === undefined ? [] : [detail("RetryInfo", { retry_delay: { seconds: fault.retryAfterSeconds } })]),
    ...(fault.reason === undefined ? [] : [detail("ErrorInfo", { reason: fault.reason, domain: "googleapis.com" })])
  ]
  const metadata = new grpc.Metadata()
  const message = "emulated, quoting INVOICE TEXT"
  if (details.length > 0) metadata.set("grpc-status-details-bin", Buffer.from(encoded("Status", { code: fault.code, message, details })))
  return { code: fault.code, details: message, metadata }
}

/** Cloud Vision's gRPC service on a free loopback port until the scope closes. */
export const startVision: Effect.Effect<VisionEmulator, never, Scope.Scope> = Effect.gen(function*() {
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => new grpc.Server({ "grpc.max_receive_message_length": 64 * 1024 * 1024 })),
    (open) => Effect.sync(() => open.forceShutdown())
  )
  const emulator: Omit<VisionEmulator, "endpoint"> = {
    faults: [],
    images: [],
    files: [],
    cancelled: 0,
    answerImage: () => ({}),
    answerFile: () => ({ totalPages: 0, responses: [] })
  }

  const bound = { port: 0 }
  const serve = <Question, Answer>(answer: (question: Question) => Promise<Answer>): grpc.handleUnaryCall<Question, Answer> => (call, callback) => {
    call.on("cancelled", () => void emulator.cancelled++)
    const fault = emulator.faults.shift()
    const reply = answer(call.request)
    if (fault?.kind === "silence") return
    if (fault?.kind === "cut") {
      call.sendMetadata(new grpc.Metadata())
      return void setTimeout(() => server.drain(`127.0.0.1:${bound.port}`, 0), 20)
    }
    if (fault?.kind === "code") return callback(refusal(fault))
    const send = () => reply.then((whole) => setTimeout(() => callback(null, whole), fault?.kind === "delay" ? fault.millis : 0), callback)
    const images = call.request instanceof api.BatchAnnotateImagesRequest ? call.request.requests : []
    if (emulator.before === undefined) return void send()
    void emulator.before(images, Number(/\d+$/.exec(call.getPeer())?.[0] ?? 0)).then(send)
  }

  server.addService(service, {
    batchAnnotateImages: serve(async ({ requests }: protos.google.cloud.vision.v1.BatchAnnotateImagesRequest) => {
      emulator.images.push(...requests)
      return api.BatchAnnotateImagesResponse.fromObject({ responses: await Promise.all(requests.map((question) => emulator.answerImage(question))) })
    }),
    batchAnnotateFiles: serve(async ({ requests }: protos.google.cloud.vision.v1.BatchAnnotateFilesRequest) => {
      emulator.files.push(...requests)
      return api.BatchAnnotateFilesResponse.fromObject({ responses: await Promise.all(requests.map((question) => emulator.answerFile(question))) })
    })
  })
  bound.port = yield* Effect.callback<number>((resume) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      resume(error === null ? Effect.succeed(port) : Effect.die(error)))
  )
  return Object.assign(emulator, { endpoint: { host: "127.0.0.1", port: bound.port, insecure: true as const } })
})

/** A word as Vision writes it: symbol by symbol, a break after the last one unless it goes on. */
export const word = (
  text: string,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  options: { readonly confidence?: number; readonly ends?: "SPACE" | "LINE_BREAK" | "EOL_SURE_SPACE" | "HYPHEN" | null; readonly normalized?: boolean } = {}
): protos.google.cloud.vision.v1.IWord => {
  const { confidence = 0.98, ends = "SPACE", normalized = false } = options
  const { height, width, x, y } = place
  const corners = [{ x, y }, { x: x + width, y }, { x: x + width, y: y + height }, { x, y: y + height }]
  const letters = [...text]
  return {
    confidence,
    boundingBox: normalized ? { normalizedVertices: corners } : { vertices: corners },
    symbols: letters.map((letter, index) => ({
      text: letter,
      confidence,
      ...(index === letters.length - 1 && ends !== null ? { property: { detectedBreak: { type: ends } } } : {})
    }))
  }
}

/** A page with one paragraph of these words. */
export const annotation = (
  size: { readonly width: number; readonly height: number },
  words: Array<protos.google.cloud.vision.v1.IWord>
): protos.google.cloud.vision.v1.ITextAnnotation => ({ pages: [{ ...size, blocks: [{ paragraphs: [{ words }] }] }] })
