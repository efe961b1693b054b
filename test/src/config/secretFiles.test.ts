import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Settings } from "../../../src/config/Settings.ts"
import { variables } from "../../../src/config/variables.ts"
import { faultsOf, faultyOf, kindsOf, loadedFrom, secretIn } from "./loadedFrom.ts"

const secrets = Object.values(variables).map(({ description }) => description).filter(({ secret }) => secret).map(({ name }) => name)

/** As they would have to be written again. */
const tokensOf = (operators: Settings["operators"], named: boolean): string | undefined =>
  operators.filter(({ name }) => (name !== "operator") === named).map(({ name, role, token }) => named ? `${name}:${role}:${secretIn(token)}` : secretIn(token))[0]

const secretsOf = ({ database, extractor, ocr, operators, queue, storage, telemetry, webhooks: { proxy } }: Settings): Readonly<Record<string, string | undefined>> => ({
  DATABASE_URL: database._tag === "external" ? secretIn(database.url.url) : undefined,
  REDIS_URL: queue._tag === "redis" ? secretIn(queue.url) : undefined,
  S3_ACCESS_KEY_ID: storage._tag === "s3" ? secretIn(storage.accessKeyId) : undefined,
  S3_SECRET_ACCESS_KEY: storage._tag === "s3" ? secretIn(storage.secretAccessKey) : undefined,
  S3_SESSION_TOKEN: storage._tag === "s3" ? secretIn(storage.sessionToken) : undefined,
  GOOGLE_VISION_API_KEY: ocr._tag === "vision" && ocr.credentials._tag === "ApiKey" ? secretIn(ocr.credentials.key) : undefined,
  OPENAI_API_KEY: extractor._tag === "openai" ? secretIn(extractor.apiKey) : undefined,
  OPS_TOKEN: tokensOf(operators, false),
  OPS_TOKENS: tokensOf(operators, true),
  OTEL_EXPORTER_OTLP_HEADERS: telemetry.headers["x-key"] === undefined ? undefined : `x-key=${secretIn(telemetry.headers["x-key"])}`,
  WEBHOOK_PROXY_URL: proxy === null ? undefined : `http://${atob(secretIn(proxy.authorization ?? undefined)?.replace("Basic ", "") ?? "")}@${proxy.host}:${proxy.port}`
})

const values: Readonly<Record<string, string>> = {
  DATABASE_URL: "postgresql://app:geheim@db/tt",
  REDIS_URL: "redis://:geheim@cache",
  S3_ACCESS_KEY_ID: "AK1",
  S3_SECRET_ACCESS_KEY: "s/ecret",
  S3_SESSION_TOKEN: "token",
  GOOGLE_VISION_API_KEY: "AIza",
  OPENAI_API_KEY: "sk-1",
  OPS_TOKEN: "open-sesame",
  OPS_TOKENS: "anna:view:open-sesame-for-anna",
  OTEL_EXPORTER_OTLP_HEADERS: "x-key=hny",
  WEBHOOK_PROXY_URL: "http://user:pass@proxy:3128"
}

describe("secrets from files", () => {
  it("are these", () => {
    assert.sameMembers(secrets, Object.keys(values))
  })

  it.effect("are read for every secret, without the line break at the end", () =>
    Effect.gen(function*() {
      const env = Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `/run/secrets/${name}`]))
      const files = Object.fromEntries(Object.entries(values).map(([name, value]) => [`/run/secrets/${name}`, `${value}\n`]))
      const settings = yield* loadedFrom({ ...env, S3_BUCKET: "b", PROVIDER_REGION: "any", NODE_ENV: "production" }, files)
      assert.deepStrictEqual(secretsOf(settings), values)
    }))

  it.effect("can be named in .env as well", () =>
    Effect.map(loadedFrom({}, { ".env": "OPENAI_API_KEY_FILE=/k", "/k": "sk-2" }), (settings) =>
      assert.strictEqual(secretsOf(settings)["OPENAI_API_KEY"], "sk-2")))

  it.effect.each(secrets)("%s is not taken from two places", (name) =>
    Effect.map(faultsOf({ S3_BUCKET: "b", ...values, [`${name}_FILE`]: "/k" }, { "/k": "geheim" }), (faults) =>
      assert.deepStrictEqual(faults, [`${name}: set either ${name} or ${name}_FILE, not both`])))

  it.effect.each(secrets)("%s_FILE that names no file, or an empty one, is a fault that repeats neither path nor content", (name) =>
    Effect.gen(function*() {
      const env = { S3_BUCKET: "b", ...values, [name]: "", [`${name}_FILE`]: "/run/geheim" }
      assert.deepStrictEqual(yield* faultsOf(env), [`${name}_FILE: the file that it names cannot be read`])
      assert.deepStrictEqual(yield* faultsOf(env, { "/run/geheim": " \n" }), [`${name}_FILE: the file that it names is empty`])
    }))

  it.effect("with a content of the wrong form are a fault of their variable", () =>
    Effect.map(faultyOf({ REDIS_URL_FILE: "/k" }, { "/k": "geheim" }), (faulty) => assert.deepStrictEqual(faulty, ["REDIS_URL"])))

  it.effect("are not read for what is no secret", () =>
    Effect.map(loadedFrom({ OPS_PORT_FILE: "/k", S3_BUCKET_FILE: "/k" }, { "/k": "1" }), (settings) => assert.strictEqual(settings.opsPort, 9464)))
})

describe(".env of the working folder", () => {
  it.effect("is read", () =>
    Effect.gen(function*() {
      const settings = yield* loadedFrom({}, { ".env": "# mine\nexport OPS_PORT=9999\nREDIS_URL=\"redis://cache\" # the shared one\nOPENAI_API_KEY='sk-#1'\n" })
      assert.strictEqual(settings.opsPort, 9999)
      assert.strictEqual(kindsOf(settings), "embedded redis disk tesseract openai")
      assert.strictEqual(secretsOf(settings)["OPENAI_API_KEY"], "sk-#1")
    }))

  it.effect("gives way to the real environment, where that has a value", () =>
    Effect.gen(function*() {
      const settings = yield* loadedFrom({ OPS_PORT: "1111", OPS_HOST: "" }, { ".env": "OPS_PORT=9999\nOPS_HOST=0.0.0.0\nQUEUE=" })
      assert.deepInclude(settings, { opsPort: 1111, opsHost: "0.0.0.0" })
    }))

  it.effect("is not hidden by variables whose names only begin alike", () =>
    Effect.gen(function*() {
      const environment = { DATABASE_URL: "postgres://db/tt", OCR_CONCURRENCY: "2", NODE_ENV_NOTE: "x", DATABASE_URL_NOTE: "x", OPENAI_API_KEY_OWNER: "me" }
      const settings = yield* loadedFrom(environment, { ".env": "DATABASE=embedded\nOCR=vision\nGOOGLE_VISION_API_KEY=k\nOPENAI_API_KEY=sk-3\n" })
      assert.strictEqual(kindsOf(settings), "embedded postgres disk vision openai")
      assert.strictEqual(secretsOf(settings)["OPENAI_API_KEY"], "sk-3")
      assert.strictEqual(settings.ocrConcurrency, 2)
    }))

  it.effect("is told of like the environment when something in it is wrong", () =>
    Effect.map(faultyOf({}, { ".env": "OPS_PORT=geheim\nS3_BUCKET=b\nS3_ACCESS_KEY_ID=a" }), (faulty) =>
      assert.deepStrictEqual(faulty, ["OPS_PORT", "S3_SECRET_ACCESS_KEY"])))
})
