import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { describeSettings } from "../../../programs/cli/describeSettings.ts"
import { loadedFrom } from "../../src/config/loadedFrom.ts"

const linesOf = (env: Readonly<Record<string, string>>) =>
  Effect.map(loadedFrom(env), (settings) => describeSettings(settings).split("\n").map((line) => line.trim().split(/ {2,}/)))

describe("the table at the start", () => {
  it.effect("says what each service is now, and which variable changes it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* linesOf({}), [
        ["service", "now", "changed by"],
        ["database", "embedded PostgreSQL, data in ./.data", "DATABASE_URL"],
        ["queue", "BullMQ in the same PostgreSQL", "REDIS_URL"],
        ["storage", "files on disk, in ./.data/files", "S3_ENDPOINT, S3_BUCKET, …"],
        ["text recognition", "Tesseract (French, English), offline, 1 at once", "GOOGLE_APPLICATION_CREDENTIALS"],
        ["field extraction", "rules, offline", "OPENAI_API_KEY"],
        ["traces", "off", "OTEL_EXPORTER_OTLP_ENDPOINT"]
      ])
    }))

  it.effect("says where the real things are, without any secret, user or path of a key", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf({
        DATABASE_URL: "postgresql://geheim:geheim@db.example/tt?schema=app",
        REDIS_URL: "rediss://geheim:geheim@cache.example:6390",
        S3_ENDPOINT: "https://files.example:9000/geheim",
        S3_BUCKET: "invoices",
        S3_ACCESS_KEY_ID: "geheim",
        S3_SECRET_ACCESS_KEY: "geheim",
        GOOGLE_APPLICATION_CREDENTIALS: "/geheim.json",
        GOOGLE_VISION_ENDPOINT: "https://eu-vision.googleapis.com",
        OPENAI_API_KEY: "geheim",
        OPENAI_BASE_URL: "https://geheim:geheim@models.example/v1",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://geheim@jaeger:4318"
      })
      assert.deepStrictEqual(lines.map(([, now]) => now), [
        "now",
        "PostgreSQL at db.example:5432/tt",
        "BullMQ on Redis at cache.example:6390",
        "S3 bucket invoices at files.example:9000",
        "Google Cloud Vision at eu-vision.googleapis.com",
        "OpenAI gpt-4.1-mini at models.example",
        "OTLP to jaeger:4318"
      ])
    }))

  it.effect("says where documents are processed, where that was chosen", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf({ GOOGLE_VISION_API_KEY: "k", OPENAI_API_KEY: "k", PROVIDER_REGION: "eu" })
      assert.deepStrictEqual(lines.slice(4, 6).map(([, now]) => now), ["Google Cloud Vision in the European Union", "OpenAI gpt-4.1-mini in the European Union"])
    }))

  it.effect("says Amazon where no server of one's own is named", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf({ S3_BUCKET: "b", S3_ACCESS_KEY_ID: "k", S3_SECRET_ACCESS_KEY: "s", S3_REGION: "eu-west-3" })
      assert.strictEqual(lines[3]?.[1], "S3 bucket b at Amazon, eu-west-3")
    }))
})
