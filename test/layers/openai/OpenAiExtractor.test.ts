import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Context, Duration, Effect, Fiber, Layer, Predicate, Redacted, type Scope } from "effect"
import * as OpenAiExtractor from "../../../layers/openai/OpenAiExtractor.ts"
import { answerSchema } from "../../../layers/openai/extractionAnswer.ts"
import { unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { InvoiceExtractor } from "../../../src/services/InvoiceExtractor.ts"
import { type OpenAiEmulator, type OpenAiReply, startOpenAi } from "../../emulators/openai.ts"
import { until } from "../../support/until.ts"
import { at, pageOf } from "./pages.ts"

const pages = [pageOf(1, [at(40, 40, "Carrelages"), at(110, 40, "Dupont"), at(40, 80, "Total"), at(80, 80, "TTC"), at(500, 80, "1"), at(512, 80, "234,56")])]

const found = { ...unknownFields, supplierName: "Carrelages Dupont", invoiceDate: "2026-03-04", amountTTC: "1234.56" }

const open = (options: OpenAiExtractor.OpenAiExtractorOptions) =>
  Effect.map(Layer.build(OpenAiExtractor.layer(options)), Context.get(InvoiceExtractor))

const test = (
  name: string,
  body: (extractor: InvoiceExtractor["Service"], openAi: OpenAiEmulator) => Effect.Effect<void, unknown, Scope.Scope>,
  change: Partial<OpenAiExtractor.OpenAiExtractorOptions> = {}
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const openAi = yield* startOpenAi
      openAi.replies = [{ kind: "answer", content: found }]
      const extractor = yield* open({ apiKey: Redacted.make("sk-test"), model: "gpt-4.1-mini", baseUrl: openAi.baseUrl, timeout: Duration.seconds(5), ...change })
      yield* body(extractor, openAi)
    }).pipe(Effect.scoped))

describe("field extraction by OpenAI", () => {
  test("gives the fields that the model found, amounts as decimals", Effect.fnUntraced(function*(extractor) {
    const fields = yield* extractor.extract(pages)
    assert.deepInclude(fields, { supplierName: "Carrelages Dupont", dueDate: null, lineItems: [] })
    assert.strictEqual(fields.invoiceDate, "2026-03-04")
    assert.strictEqual(fields.amountTTC === null ? null : BigDecimal.format(fields.amountTTC), "1234.56")
  }))

  test("asks once, strictly by the schema, without storing and at temperature 0", Effect.fnUntraced(function*(extractor, openAi) {
    yield* extractor.extract(pages)
    const [request, ...others] = openAi.requests
    assert.strictEqual(others.length, 0)
    assert.strictEqual(request?.path, "/v1/chat/completions")
    assert.strictEqual(request?.headers.authorization, "Bearer sk-test")
    assert.deepInclude(request?.body, { model: "gpt-4.1-mini", store: false, temperature: 0 })
    assert.deepStrictEqual(request?.body["response_format"], { type: "json_schema", json_schema: { name: "invoice", strict: true, schema: answerSchema } })
    assert.include(JSON.stringify(request?.body["messages"]), "Carrelages Dupont")
  }))

  test("sends nothing that it was not told to: no organisation, user, metadata or trace", Effect.fnUntraced(function*(extractor, openAi) {
    yield* extractor.extract(pages).pipe(Effect.withSpan("job", { attributes: { tenant: "tenant-1" } }))
    const [request] = openAi.requests
    assert.sameMembers(Object.keys(request?.body ?? {}), ["model", "messages", "response_format", "max_completion_tokens", "temperature", "store"])
    assert.doesNotHaveAnyKeys(request?.headers ?? {}, ["openai-organization", "openai-project", "traceparent", "b3"])
  }))

  for (const model of ["o3-mini", "gpt-5", "gpt-5-mini", "ft:gpt-5-mini:firm"]) {
    test(`leaves ${model} its own temperature`, Effect.fnUntraced(function*(extractor, openAi) {
      yield* extractor.extract(pages)
      assert.notProperty(openAi.requests[0]?.body, "temperature")
    }), { model })
  }

  const error = (type: string, code?: string) => ({ type, ...(code === undefined ? {} : { code }) })
  const after = (duration: Duration.Duration) => ({ _tag: "RateLimited", after: duration })
  const replies: ReadonlyArray<readonly [string, OpenAiReply, object, string]> = [
    ["a refusal", { kind: "refuse", words: "I will not read INVOICE TEXT" }, { _tag: "Refused" }, "refused"],
    ["the content filter", { kind: "answer", content: "{}", finishReason: "content_filter" }, { _tag: "Refused" }, "content filter"],
    ["an answer cut at its length", { kind: "answer", content: found, finishReason: "length" }, { _tag: "Unusable" }, "cut"],
    ["an empty answer", { kind: "answer", content: "" }, { _tag: "Unusable" }, "empty"],
    ["an answer that is no JSON", { kind: "answer", content: "INVOICE TEXT" }, { _tag: "Unusable" }, "form"],
    ["an answer off the schema", { kind: "answer", content: { ...found, amountTTC: "INVOICE TEXT" } }, { _tag: "Unusable" }, "form"],
    ["no choices", { kind: "raw", contentType: "application/json", body: `{"choices":[]}` }, { _tag: "Unusable" }, "no chat completion"],
    ["a page of a proxy with status 200", { kind: "raw", contentType: "text/html", body: "<html>INVOICE TEXT</html>" }, { _tag: "Unusable" }, "no chat completion"],
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
  for (const [name, reply, reason, words] of replies) {
    test(`tells ${name} for what it is, after one request, without quoting anything`, Effect.fnUntraced(function*(extractor, openAi) {
      openAi.replies = [reply]
      const failure = yield* Effect.flip(extractor.extract(pages))
      assert.deepInclude(failure.reason, reason)
      assert.include(failure.message, words)
      assert.strictEqual(openAi.requests.length, 1)
      assert.notMatch(`${failure} ${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`, /INVOICE TEXT|sk-|Dupont|127\.0\.0\.1/)
    }))
  }

  for (const kind of ["silence", "stall"] as const) {
    test(`gives up after its time limit on ${kind}`, Effect.fnUntraced(function*(extractor, openAi) {
      openAi.replies = [{ kind }]
      const failure = yield* Effect.flip(extractor.extract(pages))
      assert.strictEqual(failure.reason._tag, "Unavailable")
      yield* until(Effect.sync(() => openAi.abandoned), (abandoned) => abandoned === 1)
    }), { timeout: Duration.seconds(1) })

    test(`drops the request when it is interrupted during ${kind}`, Effect.fnUntraced(function*(extractor, openAi) {
      openAi.replies = [{ kind }]
      const asking = yield* Effect.forkChild(extractor.extract(pages))
      yield* until(Effect.sync(() => openAi.requests.length), (asked) => asked === 1)
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(asking)
      yield* until(Effect.sync(() => openAi.abandoned), (abandoned) => abandoned === 1)
      assert.lengthOf(openAi.requests, 1)
    }), { timeout: Duration.minutes(1) })
  }

  it.live("tells a server that is not there", () =>
    Effect.gen(function*() {
      const extractor = yield* open({ apiKey: Redacted.make("sk-test"), model: "m", baseUrl: "http://127.0.0.1:1/v1" })
      const failure = yield* Effect.flip(extractor.extract(pages))
      assert.strictEqual(failure.reason._tag, "Unavailable")
      assert.isFalse(Predicate.isNotUndefined(failure.cause))
    }).pipe(Effect.scoped))
})
