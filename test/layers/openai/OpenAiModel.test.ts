import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { BigDecimal, Context, Duration, Effect, Fiber, Layer, Predicate, Redacted, Schema, type Scope } from "effect"
import * as OpenAiModel from "../../../layers/openai/OpenAiModel.ts"
import { modelServer } from "../../../layers/openai/server.ts"
import { answerSchema } from "../../../layers/openai/extractionAnswer.ts"
import { unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { ExtractionModel, type ModelQuestion } from "../../../src/services/ExtractionModel.ts"
import { type OpenAiEmulator, type OpenAiReply, startOpenAi } from "../../emulators/openai.ts"
import { until } from "../../support/until.ts"
import { at, pageOf } from "./pages.ts"

const Messages = Schema.Array(Schema.Struct({ role: Schema.String, content: Schema.Unknown }))

const pages = [pageOf(1, [at(40, 40, "Carrelages"), at(110, 40, "Dupont"), at(40, 80, "Total"), at(80, 80, "TTC"), at(500, 80, "1"), at(512, 80, "234,56")])]

const question: ModelQuestion = { pages, picture: null, repair: null }

const found = { ...unknownFields, supplierName: "Carrelages Dupont", invoiceDate: "2026-03-04", amountTTC: "1234.56" }

const open = (options: OpenAiModel.OpenAiModelOptions) =>
  Effect.map(Layer.build(OpenAiModel.layer(options)), Context.get(ExtractionModel))

const test = (
  name: string,
  body: (model: ExtractionModel["Service"], openAi: OpenAiEmulator) => Effect.Effect<void, unknown, Scope.Scope>,
  change: Partial<OpenAiModel.OpenAiModelOptions> = {}
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const openAi = yield* startOpenAi
      openAi.replies = [{ kind: "answer", content: found }]
      const model = yield* open({ apiKey: Redacted.make("sk-test"), model: "gpt-4.1-mini", baseUrl: openAi.baseUrl, timeout: Duration.seconds(5), ...change })
      yield* body(model, openAi)
    }).pipe(Effect.scoped))

describe("field extraction by OpenAI", () => {
  test("gives the fields that the model found, amounts as decimals", Effect.fnUntraced(function*(model) {
    const { outcome, usage } = yield* model.ask(question)
    const fields = outcome._tag === "Answered" ? outcome.fields : unknownFields
    assert.deepStrictEqual(usage, { pages: 0, inputTokens: 1_200, outputTokens: 300 })
    assert.deepInclude(fields, { supplierName: "Carrelages Dupont", dueDate: null, lineItems: [] })
    assert.strictEqual(fields.invoiceDate, "2026-03-04")
    assert.strictEqual(fields.amountTTC === null ? null : BigDecimal.format(fields.amountTTC), "1234.56")
  }))

  test("asks once, strictly by the schema, without storing and at temperature 0", Effect.fnUntraced(function*(model, openAi) {
    yield* model.ask(question)
    const [request, ...others] = openAi.requests
    assert.strictEqual(others.length, 0)
    assert.strictEqual(request?.path, "/v1/chat/completions")
    assert.strictEqual(request?.headers.authorization, "Bearer sk-test")
    assert.deepInclude(request?.body, { model: "gpt-4.1-mini", store: false, temperature: 0 })
    assert.deepStrictEqual(request?.body["response_format"], { type: "json_schema", json_schema: { name: "invoice", strict: true, schema: answerSchema } })
    assert.include(JSON.stringify(request?.body["messages"]), "Carrelages Dupont")
  }))

  test("sends nothing that it was not told to: no organisation, user, metadata or trace", Effect.fnUntraced(function*(model, openAi) {
    yield* model.ask(question).pipe(Effect.withSpan("job", { attributes: { tenant: "tenant-1" } }))
    const [request] = openAi.requests
    assert.sameMembers(Object.keys(request?.body ?? {}), ["model", "messages", "response_format", "max_completion_tokens", "temperature", "store"])
    assert.doesNotHaveAnyKeys(request?.headers ?? {}, ["openai-organization", "openai-project", "traceparent", "b3"])
  }))

  for (const model of ["o3-mini", "gpt-5", "gpt-5-mini", "ft:gpt-5-mini:firm"]) {
    test(`leaves ${model} its own temperature`, Effect.fnUntraced(function*(model, openAi) {
      yield* model.ask(question)
      assert.notProperty(openAi.requests[0]?.body, "temperature")
    }), { model })
  }

  const error = (type: string, code?: string) => ({ type, ...(code === undefined ? {} : { code }) })
  const after = (duration: Duration.Duration) => ({ _tag: "RateLimited", after: duration })
  const replies: ReadonlyArray<readonly [string, OpenAiReply, object, string]> = [
    ["no choices", { kind: "raw", contentType: "application/json", body: `{"choices":[]}` }, { _tag: "Unavailable" }, "no chat completion"],
    ["a page of a proxy with status 200", { kind: "raw", contentType: "text/html", body: "<html>INVOICE TEXT</html>" }, { _tag: "Unavailable" }, "no chat completion"],
    ["429 with seconds", { kind: "status", status: 429, error: error("requests", "rate_limit_exceeded"), headers: { "retry-after": "7" } }, after(Duration.seconds(7)), "429 (rate_limit_exceeded)"],
    ["429 with milliseconds", { kind: "status", status: 429, error: error("tokens"), headers: { "retry-after-ms": "1500", "retry-after": "2" } }, after(Duration.millis(1500)), "429"],
    ["429 without either", { kind: "status", status: 429, error: error("requests") }, after(Duration.seconds(20)), "429"],
    ["an account without money", { kind: "status", status: 429, error: error("insufficient_quota", "insufficient_quota") }, after(Duration.minutes(10)), "insufficient_quota"],
    ["a wrong key", { kind: "status", status: 401, error: error("invalid_request_error", "invalid_api_key") }, { _tag: "Denied", variable: "OPENAI_API_KEY" }, "401 (invalid_api_key)"],
    ["a forbidden country", { kind: "status", status: 403, error: error("request_forbidden") }, { _tag: "Denied", variable: "OPENAI_API_KEY" }, "403"],
    ["a model that is not there", { kind: "status", status: 404, error: error("invalid_request_error", "model_not_found") }, { _tag: "Denied", variable: "OPENAI_MODEL" }, "404 (model_not_found)"],
    ["a model without access", { kind: "status", status: 403, error: error("invalid_request_error", "model_not_found") }, { _tag: "Denied", variable: "OPENAI_MODEL" }, "403"],
    ["another server's 404", { kind: "status", status: 404 }, { _tag: "Denied", variable: "OPENAI_BASE_URL" }, "404"],
    ["a model without structured output", { kind: "status", status: 400, error: { type: "invalid_request_error", param: "response_format" } }, { _tag: "Denied", variable: "OPENAI_MODEL" }, "400"],
    ["500", { kind: "status", status: 500, error: error("server_error") }, { _tag: "Unavailable" }, "500"],
    ["502 of a proxy", { kind: "status", status: 502 }, { _tag: "Unavailable" }, "502"],
    ["a reset connection", { kind: "reset" }, { _tag: "Unavailable" }, "could not be reached"],
    ["a connection cut within the answer", { kind: "cut" }, { _tag: "Unavailable" }, "broke off"]
  ]
  const paidFor: ReadonlyArray<readonly [string, OpenAiReply, string, string]> = [
    ["a refusal", { kind: "refuse", words: "I will not read INVOICE TEXT" }, "Refused", "refused"],
    ["the content filter", { kind: "answer", content: "{}", finishReason: "content_filter" }, "Refused", "content filter"],
    ["an answer cut at its length", { kind: "answer", content: found, finishReason: "length" }, "Truncated", "cut"],
    ["an empty answer", { kind: "answer", content: "" }, "OffSchema", "empty"],
    ["an answer that is no JSON", { kind: "answer", content: "INVOICE TEXT" }, "OffSchema", "form"],
    ["an answer off the schema", { kind: "answer", content: { ...found, amountTTC: "INVOICE TEXT" } }, "OffSchema", "amountTTC"]
  ]
  for (const [name, reply, tag, words] of paidFor) {
    test(`gives ${name} as an answer that was paid for, with what it used, without quoting anything`, Effect.fnUntraced(function*(model, openAi) {
      openAi.replies = [reply]
      const { outcome, usage } = yield* model.ask(question)
      assert.deepStrictEqual([outcome._tag, usage.outputTokens, openAi.requests.length], [tag, 300, 1])
      assert.include(JSON.stringify(outcome), words)
      assert.notMatch(JSON.stringify(outcome), /INVOICE TEXT|sk-|Dupont/)
    }))
  }

  test("names what failed when it asks for a repair, with its own last answer before that", Effect.fnUntraced(function*(model, openAi) {
    const problems = ["amountTTC: HT and VAT do not add up to the total with VAT."]
    yield* model.ask({ ...question, repair: { fields: { ...unknownFields, supplierName: "Last Answer SARL" }, problems } })
    yield* model.ask({ ...question, repair: { fields: null, problems: ["It was empty."] } })
    const messages = openAi.requests.map(({ body }) => Schema.decodeUnknownSync(Messages)(body["messages"]))
    assert.deepStrictEqual(messages.map((each) => each.map(({ role }) => role)), [["system", "user", "assistant", "user"], ["system", "user", "user"]])
    assert.include(messages[0]?.[2]?.content, "Last Answer SARL")
    assert.include(messages[0]?.[3]?.content, `- ${problems[0]}`)
    assert.include(messages[1]?.[2]?.content, "- It was empty.")
  }))

  test("shows the model the picture of a photographed page where that is switched on: small, upright, without metadata", Effect.fnUntraced(function*(model, openAi) {
    const photo = yield* Effect.promise(() =>
      sharp({ create: { width: 3000, height: 1500, channels: 3, background: "white" } }).jpeg().withMetadata({ orientation: 6, exif: { IFD0: { Copyright: "SECRET" } } }).toBuffer())
    yield* model.ask({ ...question, picture: { kind: "jpeg", bytes: new Uint8Array(photo) } })
    yield* model.ask(question)
    const [withPicture, without] = openAi.requests.map(({ body }) => JSON.stringify(body["messages"]))
    const sent = Buffer.from(/data:image\/jpeg;base64,([^"]+)/.exec(withPicture ?? "")?.[1] ?? "", "base64")
    const { exif, height, width } = yield* Effect.promise(() => sharp(sent).metadata())
    assert.deepStrictEqual([width, height, exif], [1024, 2048, undefined])
    assert.include(withPicture, "Carrelages Dupont")
    assert.notInclude(without, "image_url")
    assert.include(model.engine.version, "with picture")
    openAi.requests.length = 0
    assert.strictEqual((yield* model.ask({ ...question, picture: { kind: "jpeg", bytes: new Uint8Array([0xff, 0xd8, 0xff]) } })).outcome._tag, "Answered")
    assert.notInclude(JSON.stringify(openAi.requests[0]?.body), "image_url", "rubbish is no reason to fail")
  }), { pictures: true })

  for (const [param, left] of [["temperature", "temperature"], ["store", "store"], ["max_completion_tokens", "max_completion_tokens"]] as const) {
    test(`leaves ${param} out for a server that refuses it, from then on`, Effect.fnUntraced(function*(model, openAi) {
      const refusal = { kind: "status", status: 400, error: { type: "invalid_request_error", code: "unsupported_parameter", param } } as const
      openAi.replies = [refusal, { kind: "answer", content: found }]
      assert.strictEqual((yield* model.ask(question)).outcome._tag, "Answered")
      yield* model.ask(question)
      assert.deepStrictEqual(openAi.requests.map(({ body }) => left in body), [true, false, false])
      if (param === "max_completion_tokens") assert.strictEqual(openAi.requests[1]?.body["max_tokens"], 16_000)
    }))
  }

  test("asks a server with a query in its address, as Azure's, with that query", Effect.fnUntraced(function*(_model, openAi) {
    const azure = yield* open({ apiKey: Redacted.make("sk-test"), model: "gpt-4.1-mini", baseUrl: `${openAi.baseUrl}?api-version=2026-01-01` })
    yield* azure.ask(question)
    assert.strictEqual(openAi.requests[0]?.path, "/v1/chat/completions?api-version=2026-01-01")
  }))

  it("knows OpenAI's servers by region, and Azure's own header for the key", () => {
    assert.deepInclude(modelServer(undefined, "any", "k"), { baseUrl: "https://api.openai.com/v1", name: "openai", headers: {} })
    assert.deepInclude(modelServer(undefined, "eu", "k"), { baseUrl: "https://eu.api.openai.com/v1", name: "openai" })
    assert.deepStrictEqual(modelServer("https://firm.openai.azure.com/openai/v1/?api-version=preview", "eu", "k"), {
      baseUrl: "https://firm.openai.azure.com/openai/v1",
      query: { "api-version": "preview" },
      headers: { "api-key": "k" },
      name: "firm.openai.azure.com",
      protocol: "azure.ai.openai"
    })
    assert.strictEqual(modelServer("http://127.0.0.1:11434/v1", "any", "k").name, "127.0.0.1")
  })

  test("never reserves less than an answer can use", Effect.fnUntraced(function*(model) {
    const { inputTokens, outputTokens } = model.mostUsed(question)
    assert.isTrue(inputTokens > 1_000 && outputTokens === 16_000)
    const { inputTokens: more } = model.mostUsed({ ...question, pages: [pageOf(1, Array.from({ length: 5_000 }, (_, row) => at(40, row * 12, "abcdefgh")))] })
    assert.isAbove(more, inputTokens + 15_000)
  }))

  for (const [name, reply, reason, words] of replies) {
    test(`tells ${name} for what it is, after one request, without quoting anything`, Effect.fnUntraced(function*(model, openAi) {
      openAi.replies = [reply]
      const failure = yield* Effect.flip(model.ask(question))
      assert.deepInclude(failure.reason, reason)
      assert.include(failure.message, words)
      assert.strictEqual(openAi.requests.length, 1)
      assert.notMatch(`${failure} ${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`, /INVOICE TEXT|sk-|Dupont|127\.0\.0\.1/)
    }))
  }

  for (const kind of ["silence", "stall"] as const) {
    test(`gives up after its time limit on ${kind}`, Effect.fnUntraced(function*(model, openAi) {
      openAi.replies = [{ kind }]
      const failure = yield* Effect.flip(model.ask(question))
      assert.strictEqual(failure.reason._tag, "Unavailable")
      yield* until(Effect.sync(() => openAi.abandoned), (abandoned) => abandoned === 1)
    }), { timeout: Duration.seconds(1) })

    test(`drops the request when it is interrupted during ${kind}`, Effect.fnUntraced(function*(model, openAi) {
      openAi.replies = [{ kind }]
      const asking = yield* Effect.forkChild(model.ask(question))
      yield* until(Effect.sync(() => openAi.requests.length), (asked) => asked === 1)
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(asking)
      yield* until(Effect.sync(() => openAi.abandoned), (abandoned) => abandoned === 1)
      assert.lengthOf(openAi.requests, 1)
    }), { timeout: Duration.minutes(1) })
  }

  it.live("tells a server that is not there", () =>
    Effect.gen(function*() {
      const model = yield* open({ apiKey: Redacted.make("sk-test"), model: "m", baseUrl: "http://127.0.0.1:1/v1" })
      const failure = yield* Effect.flip(model.ask(question))
      assert.strictEqual(failure.reason._tag, "Unavailable")
      assert.isFalse(Predicate.isNotUndefined(failure.cause))
    }).pipe(Effect.scoped))
})
