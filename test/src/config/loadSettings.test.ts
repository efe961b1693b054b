import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import { faultsOf, faultyOf, kindsOf, loadedFrom, readingFrom } from "./loadedFrom.ts"

const s3 = { S3_BUCKET: "invoices", S3_ACCESS_KEY_ID: "AKgeheim", S3_SECRET_ACCESS_KEY: "geheim" }
const everything = {
  DATABASE_URL: "postgresql://app:geheim@db/tt",
  REDIS_URL: "redis://:geheim@cache",
  ...s3,
  GOOGLE_APPLICATION_CREDENTIALS: "/run/secrets/google.json",
  OPENAI_API_KEY: "sk-geheim",
  PROVIDER_REGION: "eu"
}
const standIns = "embedded postgres disk tesseract rules"

describe("what runs", () => {
  it.effect("is everything embedded and offline where nothing is set", () =>
    Effect.gen(function*() {
      const settings = yield* loadedFrom({})
      assert.strictEqual(kindsOf(settings), standIns)
      assert.deepInclude(settings, {
        dataDir: "./.data",
        migrateOnStart: true,
        concurrency: 4,
        webhooks: { concurrency: 64, httpsOnly: false, proxy: null },
        privateHosts: { networks: [], names: [] },
        ocrConcurrency: 1,
        shutdownGrace: Duration.seconds(20),
        opsHost: "127.0.0.1",
        opsPort: 9464,
        health: null,
        traceUrl: null,
        logLevel: "info",
        logFormat: "pretty",
        telemetry: {
          endpoint: null,
          headers: {},
          protocol: "http/protobuf",
          serviceName: "tt-worker",
          traces: { ratio: 1, sql: false }
        }
      })
    }))

  it.effect.each<readonly [Record<string, string>, string]>([
    [{ REDIS_URL: "redis://cache" }, "embedded redis disk tesseract rules"],
    [{ DATABASE_URL: "postgres://u:p@db/tt" }, "external postgres disk tesseract rules"],
    [s3, "embedded postgres s3 tesseract rules"],
    [{ GOOGLE_APPLICATION_CREDENTIALS: "/k.json" }, "embedded postgres disk vision rules"],
    [{ GOOGLE_VISION_API_KEY: "AIza" }, "embedded postgres disk vision rules"],
    [{ OPENAI_API_KEY: "sk" }, "embedded postgres disk tesseract openai"],
    [everything, "external redis s3 vision openai"],
    [{ ...everything, DATABASE: "embedded", QUEUE: "postgres", STORAGE: "disk", OCR: "tesseract", EXTRACTOR: "rules" }, standIns],
    [{ ...everything, NODE_ENV: "production" }, "external redis s3 vision openai"],
    [{ NODE_ENV: "production", DATABASE: "embedded", QUEUE: "postgres", STORAGE: "disk", OCR: "tesseract", EXTRACTOR: "rules" }, standIns],
    [{ ...everything, NODE_ENV: "production", STORAGE: "disk", OCR: "tesseract" }, "external redis disk tesseract openai"],
    [{ ...everything, DATABASE: "external", QUEUE: "redis", STORAGE: "s3", OCR: "vision", EXTRACTOR: "openai" }, "external redis s3 vision openai"]
  ])("is changed by its own variables only: %j", ([env, kinds]) =>
    Effect.map(loadedFrom(env), (settings) => assert.strictEqual(kindsOf(settings), kinds)))

  it.effect("makes tables as another role where MIGRATION_DATABASE_URL names one, in the schema that DATABASE_URL names", () =>
    Effect.gen(function*() {
      const DATABASE_URL = "postgres://app:p@db/tt?schema=app"
      const { database } = yield* loadedFrom({ DATABASE_URL, MIGRATION_DATABASE_URL: "postgres://owner:p@db/tt" })
      assert.deepInclude(database._tag === "external" ? database.migrations : null, { schema: "app", label: "db:5432/tt" })
      const alone = (yield* loadedFrom({ DATABASE_URL })).database
      assert.isTrue(alone._tag === "external" && alone.migrations === alone.url)
      assert.deepStrictEqual(yield* faultyOf({ DATABASE_URL, MIGRATION_DATABASE_URL: "mysql://db/tt" }), ["MIGRATION_DATABASE_URL"])
    }))

  it.effect("is told in detail by what is set beside", () =>
    Effect.gen(function*() {
      const { extractor, ocr, queue, storage } = yield* loadedFrom({
        ...everything,
        S3_ENDPOINT: "http://127.0.0.1:9000/",
        S3_REGION: "eu-west-3",
        S3_FORCE_PATH_STYLE: "false",
        GOOGLE_VISION_ENDPOINT: "http://127.0.0.1:8080",
        OCR_LANGUAGES: "de, en,",
        OPENAI_BASE_URL: "https://models.example/v1/",
        OPENAI_MODEL: "small"
      })
      assert.deepInclude(queue, { label: "cache:6379" })
      assert.deepInclude(storage, { endpoint: "http://127.0.0.1:9000", bucket: "invoices", region: "eu-west-3", forcePathStyle: false })
      assert.deepInclude(ocr, { endpoint: { host: "127.0.0.1", port: 8080, insecure: true }, languageHints: ["de", "en"] })
      assert.deepInclude(extractor, { baseUrl: "https://models.example/v1", model: "small" })
    }))

  it.effect("counts a blank value as unset", () =>
    Effect.gen(function*() {
      const blank = Object.fromEntries([...Object.keys(everything), "QUEUE", "DATABASE", "OPS_PORT", "LOG_LEVEL", "SHUTDOWN_GRACE"].map((name) => [name, " "]))
      const settings = yield* loadedFrom({ ...blank, OCR: "" })
      assert.strictEqual(kindsOf(settings), standIns)
      assert.strictEqual(settings.opsPort, 9464)
    }))

  it.effect("writes JSON lines in production, unless another form is asked for", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* loadedFrom({ ...everything, NODE_ENV: "production" })).logFormat, "json")
      assert.strictEqual((yield* loadedFrom({ ...everything, NODE_ENV: "production", LOG_FORMAT: "pretty" })).logFormat, "pretty")
    }))
})

describe("production", () => {
  it.effect("starts nothing by itself: what must be set is listed at once, with the name of each stand-in", () =>
    Effect.gen(function*() {
      const faults = yield* faultsOf({ NODE_ENV: "production" })
      assert.deepStrictEqual(faults.map((fault) => fault.split(": is not set; with NODE_ENV=production set it, or choose the stand-in by name with ")), [
        ["DATABASE_URL", "DATABASE=embedded"],
        ["REDIS_URL", "QUEUE=postgres"],
        ["S3_BUCKET", "STORAGE=disk"],
        ["GOOGLE_APPLICATION_CREDENTIALS", "OCR=tesseract"],
        ["OPENAI_API_KEY", "EXTRACTOR=rules"]
      ])
    }))

  it.effect("asks where documents may be processed as soon as a provider is used, once", () =>
    Effect.gen(function*() {
      const { PROVIDER_REGION: _, ...others } = everything
      const faults = yield* faultsOf({ ...others, NODE_ENV: "production" })
      assert.deepStrictEqual(faults, ["PROVIDER_REGION: is not set; with NODE_ENV=production choose where documents may be processed, eu or any"])
      const offline = yield* loadedFrom({ ...others, NODE_ENV: "production", OCR: "tesseract", EXTRACTOR: "rules" })
      assert.strictEqual(kindsOf(offline), "external redis s3 tesseract rules")
      for (const region of ["eu", "any"] as const) {
        const { extractor, ocr } = yield* loadedFrom({ ...everything, NODE_ENV: "production", PROVIDER_REGION: region })
        assert.deepStrictEqual([ocr, extractor].map((choice) => "region" in choice ? choice.region : null), [region, region])
      }
    }))

  it.effect("does not take a mistyped variable for a choice", () =>
    Effect.gen(function*() {
      const { REDIS_URL, ...others } = everything
      assert.deepStrictEqual(yield* faultyOf({ ...others, NODE_ENV: "production", REDIS_URI: REDIS_URL }), ["REDIS_URL"])
    }))
})

describe("what providers may cost", () => {
  it.effect("follows list prices unless it is told, without a limit", () =>
    Effect.gen(function*() {
      const { extractor, ocr } = yield* loadedFrom(everything)
      const defaults = { monthlyLimit: null, fallback: false, concurrency: 16 }
      assert.deepInclude(ocr, { ...defaults, price: { perPage: 1_500, perInputToken: 0, perOutputToken: 0 }, ratePerMinute: 1_800 })
      assert.deepInclude(extractor, { ...defaults, price: { perPage: 0, perInputToken: 0.4, perOutputToken: 1.6 }, ratePerMinute: 500, pictures: false })
      const told = yield* loadedFrom({ ...everything, OPENAI_PRICE: "2 / 8.5", VISION_PRICE: "0.6", MONTHLY_LIMIT_USD: "2.50", PROVIDER_FALLBACK: "offline", OPENAI_MODEL: "own" })
      assert.deepInclude(told.ocr, { price: { perPage: 600, perInputToken: 0, perOutputToken: 0 }, monthlyLimit: 2_500_000, fallback: true })
      assert.deepInclude(told.extractor, { price: { perPage: 0, perInputToken: 2, perOutputToken: 8.5 }, monthlyLimit: 2_500_000, fallback: true })
    }))

  it.effect("must be known where there is a limit", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* faultyOf({ ...everything, OPENAI_MODEL: "own", MONTHLY_LIMIT_USD: "10" }), ["OPENAI_PRICE"])
      assert.deepStrictEqual(yield* faultyOf({ ...everything, OPENAI_PRICE: "2", MONTHLY_LIMIT_USD: "much", VISION_PRICE: "-1" }), ["MONTHLY_LIMIT_USD", "VISION_PRICE", "OPENAI_PRICE"])
      assert.strictEqual((yield* loadedFrom({ ...everything, OPENAI_MODEL: "gpt-4.1-mini-2025-04-14", MONTHLY_LIMIT_USD: "10" })).extractor._tag, "openai")
    }))
})

describe("faults", () => {
  it.effect.each<readonly [Record<string, string>, ReadonlyArray<string>]>([
    [{ S3_BUCKET: "b" }, ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]],
    [{ S3_ENDPOINT: "http://h" }, ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]],
    [{ S3_BUCKET: "b", S3_ACCESS_KEY_ID: "a" }, ["S3_SECRET_ACCESS_KEY"]],
    [{ S3_ACCESS_KEY_ID: "a", S3_SECRET_ACCESS_KEY: "b" }, ["S3_BUCKET"]],
    [{ STORAGE: "s3" }, ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]],
    [{ GOOGLE_VISION_ENDPOINT: "https://eu-vision.googleapis.com" }, ["GOOGLE_APPLICATION_CREDENTIALS"]],
    [{ OPENAI_BASE_URL: "https://models.example/v1" }, ["OPENAI_API_KEY"]],
    [{ MAIL_GOOGLE_CLIENT_SECRET: "s" }, ["MAIL_GOOGLE_CLIENT_ID"]],
    [{ MAIL_PORTS: "993, imap", MAIL_KEYS: "k1:short" }, ["MAIL_PORTS", "MAIL_KEYS"]],
    [{ DATABASE: "external", QUEUE: "redis", OCR: "vision", EXTRACTOR: "openai" }, ["DATABASE_URL", "REDIS_URL", "GOOGLE_APPLICATION_CREDENTIALS", "OPENAI_API_KEY"]]
  ])("name what is missing of a half-set group: %j", ([env, variables]) =>
    Effect.map(faultyOf(env), (faulty) => assert.deepStrictEqual(faulty, [...variables])))

  it.effect("do not hold up a group that a choice by name leaves aside", () =>
    Effect.gen(function*() {
      const settings = yield* loadedFrom({ STORAGE: "disk", S3_BUCKET: "b", OCR: "tesseract", GOOGLE_VISION_ENDPOINT: "http://h", EXTRACTOR: "rules", OPENAI_BASE_URL: "http://h" })
      assert.strictEqual(kindsOf(settings), standIns)
    }))

  it.effect("come all together, each with what was expected, and without a value of any variable", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(loadedFrom({
        NODE_ENV: "geheim",
        DATABASE: "geheim",
        DATABASE_URL: "geheim://app:geheim@db/tt",
        QUEUE: "geheim",
        REDIS_URL: "geheim:6379",
        S3_BUCKET: "geheim",
        S3_ENDPOINT: "geheim",
        OPENAI_BASE_URL: "geheim",
        OPENAI_API_KEY_FILE: "/geheim/key",
        INVOICE_CONCURRENCY: "4711",
        OCR_CONCURRENCY: "4711.5",
        SHUTDOWN_GRACE: "geheim",
        OPS_PORT: "70000",
        MIGRATE_ON_START: "geheim",
        LOG_LEVEL: "geheim",
        OTEL_EXPORTER_OTLP_ENDPOINT: "geheim"
      }))
      assert.sameMembers(error.faults.map(({ variable }) => variable), [
        ..."NODE_ENV DATABASE DATABASE_URL QUEUE REDIS_URL S3_ENDPOINT S3_ACCESS_KEY_ID S3_SECRET_ACCESS_KEY OPENAI_BASE_URL".split(" "),
        ..."OPENAI_API_KEY_FILE INVOICE_CONCURRENCY OCR_CONCURRENCY SHUTDOWN_GRACE OPS_PORT MIGRATE_ON_START LOG_LEVEL OTEL_EXPORTER_OTLP_ENDPOINT".split(" ")
      ])
      assert.match(error.message, /^the configuration is not usable, 17 variables need a change:\n {2}[A-Z_]+: /)
      assert.include(error.message, "  OPS_PORT: expected a port from 0 to 65535")
      assert.include(error.message, "  QUEUE: expected redis or postgres")
      assert.include(error.message, "  S3_ACCESS_KEY_ID: is not set, but other S3_ variables are set")
      assert.notMatch(error.message, /geheim|4711|70000/i)
    }))

  it.effect.each(["webhook-deliveries", "email-sync;automation", ",", "email-sync,invoices"])("names the queues there are when it is asked to work on %s", (queues) =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(loadedFrom({ QUEUES: queues }))
      assert.include(message, "QUEUES: expected names separated by commas: invoice-processing, email-sync, automation, webhook-delivery")
    }))

  it.effect("is singular where there is one", () =>
    Effect.map(Effect.flip(loadedFrom({ OPS_PORT: "http" })), ({ message }) =>
      assert.strictEqual(message, "the configuration is not usable, one variable needs a change:\n  OPS_PORT: expected a port from 0 to 65535")))
})

describe("settings", () => {
  it.effect("have every queue, or those that are named", () =>
    Effect.gen(function*() {
      assert.sameMembers([...(yield* loadedFrom({})).queues], ["invoice-processing", "email-sync", "automation", "webhook-delivery"])
      assert.sameMembers([...(yield* loadedFrom({ QUEUES: " webhook-delivery, email-sync" })).queues], ["webhook-delivery", "email-sync"])
    }))

  it.effect("never show a secret when they are printed", () =>
    Effect.gen(function*() {
      const settings = yield* loadedFrom({ ...everything, S3_SESSION_TOKEN: "geheim", GOOGLE_VISION_API_KEY: "geheim" })
      assert.notInclude(JSON.stringify(settings) + String(settings), "geheim")
      assert.strictEqual(settings.extractor._tag === "openai" ? Redacted.value(settings.extractor.apiKey) : null, "sk-geheim")
    }))
})

describe("reading files without queue and database", () => {
  it.effect("needs no database, queue or storage in production, but names the stand-ins it would start", () =>
    Effect.gen(function*() {
      const { extractor, ocr } = yield* readingFrom({ NODE_ENV: "production", OCR: "tesseract", EXTRACTOR: "rules" })
      assert.deepStrictEqual([ocr._tag, extractor._tag], ["tesseract", "rules"])
      const { faults } = yield* Effect.flip(readingFrom({ NODE_ENV: "production" }))
      assert.deepStrictEqual(faults.map(({ variable }) => variable), ["GOOGLE_APPLICATION_CREDENTIALS", "OPENAI_API_KEY"])
    }))
})
