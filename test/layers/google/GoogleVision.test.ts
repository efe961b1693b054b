import { generateKeyPairSync } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Redacted, type Scope } from "effect"
import sharp from "sharp"
import { vi } from "vitest"
import { clientOptions, GoogleCredentials } from "../../../layers/google/clientOptions.ts"
import * as GoogleVision from "../../../layers/google/GoogleVision.ts"
import type { Document } from "../../../src/services/DocumentReader.ts"
import { RecognitionProvider } from "../../../src/services/RecognitionProvider.ts"
import { annotation, startVision, type VisionEmulator, type VisionFault, word } from "../../emulators/vision.ts"
import { until } from "../../support/until.ts"

const { ApiKey, KeyFile, KeyJson } = GoogleCredentials

/** Asks for the first pages, as `Vision` does at first. */
const open = (options: GoogleVision.GoogleVisionOptions) =>
  Effect.map(Layer.build(GoogleVision.layer(options)), (context) => {
    const provider = Context.get(context, RecognitionProvider)
    return { ...provider, recognise: (document: Document, pages: ReadonlyArray<number> = []) => provider.recognise(document, pages) }
  })
type Opened = Effect.Success<ReturnType<typeof open>>

const test = (
  name: string,
  body: (vision: Opened, google: VisionEmulator) => Effect.Effect<void, unknown, Scope.Scope>,
  change: Partial<GoogleVision.GoogleVisionOptions> = {}
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const google = yield* startVision
      const vision = yield* open({ credentials: KeyFile({ path: "none.json" }), endpoint: google.endpoint, ...change })
      yield* body(vision, google)
    }).pipe(Effect.scoped))

const picture = (width: number, height: number, format: "jpeg" | "png" = "jpeg") =>
  Effect.promise(() => sharp({ create: { width, height, channels: 3, background: "white" } }).toFormat(format).toBuffer()).pipe(
    Effect.map((bytes) => new Uint8Array(bytes))
  )

const jpeg = Effect.map(picture(400, 300), (bytes) => ({ kind: "jpeg", bytes }) as const)
const pdf = { kind: "pdf", bytes: new TextEncoder().encode("%PDF-1.7 …") } as const

/** A PDF of so many pages, each with its number on it, that answers as Vision does. */
const fileOf = (pageCount: number): VisionEmulator["answerFile"] => ({ pages }) => {
  const asked = pages === null || pages === undefined || pages.length === 0 ? [1, 2, 3, 4, 5].filter((page) => page <= pageCount) : pages
  return {
    totalPages: pageCount,
    responses: asked.map((pageNumber) => ({
      context: { pageNumber },
      fullTextAnnotation: annotation({ width: 600, height: 800 }, [word(`page-${pageNumber}`, { x: 0.5, y: 0.25, width: 0.25, height: 0.0625 }, { normalized: true })])
    }))
  }
}

describe("text recognition by Google Vision", () => {
  test("gives words as printed, with places and how sure they are", Effect.fnUntraced(function*(vision, google) {
    google.answerImage = () => ({
      fullTextAnnotation: annotation({ width: 400, height: 300 }, [
        word("Total", { x: 10, y: 20, width: 50, height: 12 }, { confidence: 0.9 }),
        word("1", { x: 100, y: 20, width: 8, height: 12 }, { ends: null, confidence: 0.75 }),
        word(",", { x: 108, y: 28, width: 3, height: 6 }, { ends: null, confidence: 0.5 }),
        word("50", { x: 111, y: 20, width: 16, height: 12 }, { confidence: 0.75 }),
        word("€", { x: 140, y: 20, width: 8, height: 12 }, { ends: "EOL_SURE_SPACE" }),
        word("Merci", { x: 10, y: 50, width: 40, height: 12 }, { ends: null })
      ])
    })
    const { pageCount, pages } = yield* vision.recognise(yield* jpeg)
    assert.deepStrictEqual([vision.engine.provider, pageCount, pages.length], ["google-vision", 1, 1])
    const [page] = pages
    assert.deepInclude(page, { number: 1, width: 400, height: 300 })
    assert.deepStrictEqual(page?.words.map(({ text }) => text), ["Total", "1,50", "€", "Merci"])
    assert.deepStrictEqual(page?.words[1], { text: "1,50", box: { x0: 100, y0: 20, x1: 127, y1: 34 }, confidence: 0.5 })
    assert.closeTo(page?.words[0]?.confidence ?? 0, 0.9, 1e-6)
  }))

  test("asks for the text of a document in the hinted languages, with the picture's own bytes", Effect.fnUntraced(function*(vision, google) {
    const document = yield* jpeg
    yield* vision.recognise(document)
    const [question] = google.images
    assert.deepStrictEqual(question?.features?.map(({ type }) => type), [11])
    assert.deepStrictEqual(question?.imageContext?.languageHints, ["fr", "en"])
    assert.deepStrictEqual(new Uint8Array(Buffer.from(question?.image?.content ?? "")), document.bytes)
  }), { languageHints: ["fr", "en"] })

  test("reads an image without text as a page without words", Effect.fnUntraced(function*(vision) {
    const { pages } = yield* vision.recognise(yield* jpeg)
    assert.deepStrictEqual(pages, [{ number: 1, width: 400, height: 300, words: [] }])
  }))

  test("reads a short PDF with one request", Effect.fnUntraced(function*(vision, google) {
    google.answerFile = fileOf(2)
    const { pageCount, pages } = yield* vision.recognise(pdf)
    assert.deepStrictEqual([pageCount, google.files.length], [2, 1])
    assert.deepStrictEqual(pages.map(({ number, words }) => [number, words[0]?.text]), [[1, "page-1"], [2, "page-2"]])
    assert.deepInclude(pages[0], { width: 600, height: 800 })
    assert.deepStrictEqual(pages[0]?.words[0]?.box, { x0: 300, y0: 200, x1: 450, y1: 250 })
    assert.strictEqual(google.files[0]?.inputConfig?.mimeType, "application/pdf")
  }))

  test("reads the first five pages of a long PDF, or those that are asked for, and tells how many there are", Effect.fnUntraced(function*(vision, google) {
    google.answerFile = fileOf(40)
    const first = yield* vision.recognise(pdf)
    const more = yield* vision.recognise(pdf, [6, 7, 40])
    assert.deepStrictEqual([first, more].map(({ pageCount, pages }) => [pageCount, pages.map(({ number }) => number)]), [[40, [1, 2, 3, 4, 5]], [40, [6, 7, 40]]])
    assert.deepStrictEqual([vision.pagesPerCall, google.files.map((file) => file.pages)], [5, [[], [6, 7, 40]]])
  }))

  test("sends a photo without what the telephone wrote into it: place, device, comments, films behind its end", Effect.fnUntraced(function*(vision, google) {
    const plain = yield* picture(400, 300)
    const tagged = yield* Effect.promise(() =>
      sharp(plain).withExif({ IFD0: { Copyright: "SECRET", Make: "SECRET" }, IFD3: { GPSLatitude: "48/1 51/1 0/1" } }).keepIccProfile().toBuffer())
    for (const bytes of [new Uint8Array(tagged), new Uint8Array(Buffer.concat([tagged, Buffer.from("SECRET film")]))]) {
      google.images.length = 0
      yield* vision.recognise({ kind: "jpeg", bytes })
      const sent = Buffer.from(google.images[0]?.image?.content ?? "")
      assert.include(Buffer.from(bytes).toString("latin1"), "SECRET")
      assert.notInclude(sent.toString("latin1"), "SECRET")
      assert.strictEqual(sent.indexOf("Exif"), -1)
      const [before, after] = yield* Effect.promise(() => Promise.all([bytes, sent].map((each) => sharp(each).raw().toBuffer())))
      assert.deepStrictEqual(after, before, "the pixels are the same")
    }
  }))

  test("turns a photo upright that only its metadata says how to hold", Effect.fnUntraced(function*(vision, google) {
    const plain = yield* picture(400, 300)
    const turned = yield* Effect.promise(() => sharp(plain).withMetadata({ orientation: 6 }).toBuffer())
    const { pages } = yield* vision.recognise({ kind: "jpeg", bytes: new Uint8Array(turned) })
    const sent = yield* Effect.promise(() => sharp(Buffer.from(google.images[0]?.image?.content ?? "")).metadata())
    assert.deepStrictEqual([sent.width, sent.height, sent.exif, pages[0]?.width, pages[0]?.height], [300, 400, undefined, 300, 400])
  }))

  it.live("asks Google's European servers where the region is eu", () =>
    Effect.gen(function*() {
      const options = { credentials: ApiKey({ key: Redacted.make("key") }) }
      assert.deepStrictEqual([(yield* open(options)).engine.region, (yield* open({ ...options, region: "eu" })).engine.region], ["any", "eu"])
      assert.deepInclude(GoogleVision.endpointOf("eu", undefined), { host: "eu-vision.googleapis.com", port: 443, insecure: false })
      assert.isUndefined(GoogleVision.endpointOf("any", undefined), "the library's own")
    }).pipe(Effect.scoped))

  test("keeps the numbers of PDF pages without text", Effect.fnUntraced(function*(vision, google) {
    google.answerFile = () => ({ totalPages: 2, responses: [{ context: { pageNumber: 1 } }, { context: { pageNumber: 2 } }] })
    const { pages } = yield* vision.recognise(pdf)
    assert.deepStrictEqual(pages.map(({ number, words }) => [number, words.length]), [[1, 0], [2, 0]])
  }))

  const after = (seconds: number) => ({ _tag: "RateLimited", after: Duration.seconds(seconds) })
  const denied = { _tag: "Denied", variable: "GOOGLE_APPLICATION_CREDENTIALS" } as const
  const faults: ReadonlyArray<readonly [string, VisionFault, object, string]> = [
    ["a quota that says for how long", { kind: "code", code: 8, retryAfterSeconds: 7 }, after(7), "RESOURCE_EXHAUSTED"],
    ["a quota that does not", { kind: "code", code: 8 }, after(30), "RESOURCE_EXHAUSTED"],
    ["an outage", { kind: "code", code: 14 }, { _tag: "Unavailable" }, "UNAVAILABLE"],
    ["a deadline of Google's own", { kind: "code", code: 4 }, { _tag: "Unavailable" }, "DEADLINE_EXCEEDED"],
    ["an internal error", { kind: "code", code: 13 }, { _tag: "Unavailable" }, "INTERNAL"],
    ["a missing permission", { kind: "code", code: 7 }, denied, "PERMISSION_DENIED"],
    ["wrong credentials", { kind: "code", code: 16 }, denied, "UNAUTHENTICATED"],
    ["a wrong API key", { kind: "code", code: 3, reason: "API_KEY_INVALID" }, denied, "API_KEY_INVALID"],
    ["a picture that it refuses", { kind: "code", code: 3 }, { _tag: "BadImage" }, "INVALID_ARGUMENT"]
  ]
  for (const [name, fault, reason, words] of faults) {
    test(`tells ${name} for what it is, after one call, without Google's own words`, Effect.fnUntraced(function*(vision, google) {
      for (const document of [yield* jpeg, pdf]) {
        google.faults.push(fault)
        google.images.length = google.files.length = 0
        const error = yield* Effect.flip(vision.recognise(document))
        assert.deepInclude(error.reason, reason)
        assert.include(error.message, words)
        assert.strictEqual(google.images.length + google.files.length, 1)
        assert.notInclude(`${error} ${error.stack} ${JSON.stringify(error)}`, "INVOICE TEXT")
      }
    }))
  }

  const inside = { code: 3, message: "Bad image data: INVOICE TEXT" }
  test("finds the error of a single image, file or page in an answer that is well otherwise", Effect.fnUntraced(function*(vision, google) {
    google.answerImage = () => ({ error: inside })
    google.answerFile = () => ({ error: inside })
    const errors = [yield* Effect.flip(vision.recognise(yield* jpeg)), yield* Effect.flip(vision.recognise(pdf))]
    google.answerFile = () => ({ totalPages: 1, responses: [{ error: { code: 14, message: "later" } }] })
    const page = yield* Effect.flip(vision.recognise(pdf))
    assert.deepStrictEqual(errors.map(({ code }) => code), ["file-damaged", "file-damaged"])
    assert.strictEqual(page.reason._tag, "Unavailable")
    assert.notInclude(errors.map((error) => error.message + JSON.stringify(error)).join(), "INVOICE TEXT")
  }))

  test("gives up after its time limit, and tells Google", Effect.fnUntraced(function*(vision, google) {
    google.faults.push({ kind: "silence" })
    const error = yield* Effect.flip(vision.recognise(pdf))
    assert.strictEqual(error.reason._tag, "Unavailable")
    assert.include(error.message, "DEADLINE_EXCEEDED")
  }), { timeout: Duration.millis(300) })

  test("cancels the call when it is interrupted", Effect.fnUntraced(function*(vision, google) {
    google.faults.push({ kind: "delay", millis: 5000 })
    const call = yield* Effect.forkChild(vision.recognise(pdf))
    yield* until(Effect.sync(() => google.files.length), (asked) => asked === 1, 3000)
    yield* Fiber.interrupt(call)
    yield* until(Effect.sync(() => google.cancelled), (cancelled) => cancelled === 1, 3000)
  }))

  it.live("tells a server that is not there", () =>
    Effect.gen(function*() {
      const vision = yield* open({ credentials: KeyFile({ path: "none" }), endpoint: { host: "127.0.0.1", port: 1, insecure: true } })
      const error = yield* Effect.flip(vision.recognise(pdf))
      assert.deepInclude(error.reason, { _tag: "Unavailable" })
    }).pipe(Effect.scoped))

  test("scales a picture above 75 megapixels down, and gives places in the picture's own pixels", Effect.fnUntraced(function*(vision, google) {
    google.answerImage = ({ image }) => {
      sent = Buffer.from(image?.content ?? "")
      return { fullTextAnnotation: annotation({ width: 4899, height: 4899 }, [word("Total", { x: 489.9, y: 0, width: 489.9, height: 10 })]) }
    }
    let sent = Buffer.alloc(0)
    const { pages } = yield* vision.recognise({ kind: "png", bytes: yield* picture(9000, 9000, "png") })
    const metadata = yield* Effect.promise(() => sharp(sent).metadata())
    assert.deepStrictEqual([metadata.format, metadata.width, metadata.height], ["jpeg", 4899, 4899])
    assert.closeTo(pages[0]?.width ?? 0, 9000, 5)
    assert.closeTo(pages[0]?.words[0]?.box.x1 ?? 0, 1800, 2)
  }))

  test("makes a picture above 20 MB smaller", Effect.fnUntraced(function*(vision, google) {
    const raw = new Uint8Array(3000 * 2600 * 3)
    for (let index = 0; index < raw.length; index++) raw[index] = (Math.imul(index, 2654435761) >>> 13) & 0xff
    const bytes = new Uint8Array(yield* Effect.promise(() => sharp(raw, { raw: { width: 3000, height: 2600, channels: 3 } }).png({ compressionLevel: 0 }).toBuffer()))
    assert.isAbove(bytes.length, 20_000_000)
    const { pages } = yield* vision.recognise({ kind: "png", bytes })
    assert.isBelow(google.images[0]?.image?.content?.length ?? Infinity, 20_000_000)
    assert.deepInclude(pages[0], { width: 3000, height: 2600 })
  }))

  test("refuses more pixels than anyone's camera takes before decoding them", Effect.fnUntraced(function*(vision, google) {
    const error = yield* Effect.flip(vision.recognise({ kind: "png", bytes: yield* picture(20_000, 10_001, "png") }))
    assert.deepInclude(error.reason, { _tag: "TooManyPixels", width: 20_000, height: 10_001 })
    assert.strictEqual(google.images.length, 0)
  }))

  test("refuses what is no picture, and a PDF too large for one request, without a call", Effect.fnUntraced(function*(vision, google) {
    const rubbish = yield* Effect.flip(vision.recognise({ kind: "jpeg", bytes: new Uint8Array([0xff, 0xd8, 0xff, 1, 2]) }))
    const large = yield* Effect.flip(vision.recognise({ kind: "pdf", bytes: new Uint8Array(20_500_000) }))
    assert.deepStrictEqual([rubbish.reason._tag, large.reason._tag], ["BadImage", "TooComplex"])
    assert.strictEqual(google.images.length + google.files.length, 0)
  }))

  it.live("says at start which variable to look at when the credentials cannot be read", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(path.join(tmpdir(), "google-"))),
        (made) => Effect.promise(() => rm(made, { recursive: true }))
      )
      const rubbish = path.join(folder, "key.json")
      yield* Effect.promise(() => writeFile(rubbish, "not JSON, SECRET"))
      const noKey = JSON.stringify({ type: "service_account", client_email: "reader@example.com", private_key: "SECRET" })
      const faulty = [
        KeyFile({ path: path.join(folder, "none.json") }),
        KeyFile({ path: rubbish }),
        KeyJson({ json: Redacted.make(`{"private_key": "SECRET"}`) }),
        KeyJson({ json: Redacted.make(noKey) })
      ]
      for (const credentials of faulty) {
        const error = yield* Effect.flip(open({ credentials }))
        assert.deepInclude(error.reason, denied)
        assert.notInclude(error.message + JSON.stringify(error), "SECRET")
      }
    }).pipe(Effect.scoped))

  it.live("starts with a service account's key and with an API key, without asking anyone", () =>
    Effect.gen(function*() {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } })
      const json = JSON.stringify({ type: "service_account", client_email: "reader@example.com", private_key: privateKey })
      yield* open({ credentials: KeyJson({ json: Redacted.make(json) }) })
      yield* open({ credentials: ApiKey({ key: Redacted.make("key") }) })
    }).pipe(Effect.scoped))

  /** The environment that Google's library looks into by itself. */
  const withVariable = (name: string, value: string) =>
    Effect.acquireRelease(Effect.sync(() => vi.stubEnv(name, value)), () => Effect.sync(() => vi.unstubAllEnvs()))

  it.live("asks with the API key alone, and looks at no other credentials", () =>
    Effect.gen(function*() {
      yield* withVariable("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
      const credentials = ApiKey({ key: Redacted.make("the-key") })
      yield* open({ credentials })
      const { authClient } = yield* clientOptions(credentials, undefined)
      const headers = yield* Effect.promise(async () => authClient?.getRequestHeaders("https://vision.googleapis.com/"))
      assert.deepStrictEqual([...headers ?? []], [["x-goog-api-key", "the-key"]])
    }).pipe(Effect.scoped))

  it.live("says at start what the library misses by settings of its own", () =>
    Effect.gen(function*() {
      yield* withVariable("GOOGLE_API_USE_CLIENT_CERTIFICATE", "true")
      yield* withVariable("HOME", "/nowhere")
      const error = yield* Effect.flip(open({ credentials: ApiKey({ key: Redacted.make("SECRET") }) }))
      assert.deepInclude(error.reason, { _tag: "Denied", variable: "GOOGLE_VISION_API_KEY" })
      assert.include(error.message, "/nowhere/.secureConnect")
      assert.notInclude(error.message + JSON.stringify(error), "SECRET")
    }).pipe(Effect.scoped))
})
