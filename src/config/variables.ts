import { Config, Duration, type Redacted, Schema } from "effect"
import type * as Option from "effect/Option"
import { defaultRetention } from "../domain/limits.ts"
import { DurationText } from "./durationText.ts"
import { everyQueue, QueuesText } from "./queuesText.ts"

/** What an environment variable is for, and what is expected of it. */
export interface Description {
  readonly name: string
  readonly about: string
  /** For messages: "expected …". */
  readonly expected: string
  /** As the README's table shows it; null where there is none. */
  readonly fallback: string | null
  /** Can also be given as a file, by `<name>_FILE`. */
  readonly secret: boolean
}

/** A variable: how it is read, and its description. */
export type Variable<A> = Config.Config<A> & { readonly description: Description }

interface About {
  readonly about: string
  readonly expected: string
  readonly fallback?: string
}

const variable = <A>(config: Config.Config<A>, description: Description): Variable<A> => Object.assign(config, { description })

const optional = <A>(name: string, make: (name: string) => Config.Config<A>, about: About): Variable<Option.Option<A>> =>
  variable(Config.option(make(name)), { name, fallback: null, secret: false, ...about })

const withFallback = <A>(name: string, make: (name: string) => Config.Config<A>, fallback: A, about: About): Variable<A> =>
  variable(make(name).pipe(Config.withDefault(fallback)), { name, secret: false, fallback: String(fallback), ...about })

const secret = (name: string, about: About): Variable<Option.Option<Redacted.Redacted<string>>> =>
  variable(Config.option(Config.Redacted(name)), { name, fallback: null, secret: true, ...about })

const literals = <const L extends ReadonlyArray<string>>(values: L) => (name: string) => Config.Literals(values, name)
const intBetween = (minimum: number, maximum: number) => (name: string) =>
  Config.schema(Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum, maximum })), name)

const durationOf = (name: string) => Config.schema(DurationText, name)

/** The whole environment. Everything else that is set is left alone. */
export const variables = {
  nodeEnv: withFallback("NODE_ENV", literals(["development", "test", "production"]), "development", {
    about: "with `production` nothing embedded or offline starts unless it is chosen by name",
    expected: "development, test or production"
  }),
  dataDir: withFallback("DATA_DIR", Config.String, "./.data", {
    about: "where the embedded PostgreSQL and the files on disk live",
    expected: "a folder"
  }),

  database: optional("DATABASE", literals(["embedded", "external"]), {
    about: "choose the database by name",
    expected: "embedded or external"
  }),
  databaseUrl: secret("DATABASE_URL", { about: "PostgreSQL 13 or newer, shared with the API", expected: "postgresql://user:password@host:5432/database" }),
  migrationDatabaseUrl: secret("MIGRATION_DATABASE_URL", {
    about: "the same database for a role that may make tables; only `migrate`, migrating at start and `tenant erase` use it",
    expected: "postgresql://user:password@host:5432/database"
  }),
  migrateOnStart: withFallback("MIGRATE_ON_START", Config.Boolean, true, {
    about: "bring tables up to date at start; with false, run `migrate` before",
    expected: "true or false (or yes, no, 1, 0)"
  }),

  queue: optional("QUEUE", literals(["redis", "postgres"]), { about: "choose BullMQ's backend by name", expected: "redis or postgres" }),
  redisUrl: secret("REDIS_URL", { about: "BullMQ on this Redis", expected: "redis://host:6379 or rediss://user:password@host:6379" }),

  storage: optional("STORAGE", literals(["disk", "s3"]), { about: "choose the file storage by name", expected: "disk or s3" }),
  s3Endpoint: optional("S3_ENDPOINT", Config.URL, { about: "the S3-compatible server (RustFS, MinIO); unset for AWS", expected: "http://host:9000 or https://host" }),
  s3Bucket: optional("S3_BUCKET", Config.String, { about: "the bucket of the invoices", expected: "a bucket's name" }),
  s3Region: withFallback("S3_REGION", Config.String, "us-east-1", { about: "the region", expected: "a region's name" }),
  s3AccessKeyId: secret("S3_ACCESS_KEY_ID", { about: "the access key", expected: "an access key" }),
  s3SecretAccessKey: secret("S3_SECRET_ACCESS_KEY", { about: "its secret", expected: "a secret key" }),
  s3SessionToken: secret("S3_SESSION_TOKEN", { about: "for temporary credentials", expected: "a session token" }),
  s3ForcePathStyle: withFallback("S3_FORCE_PATH_STYLE", Config.Boolean, true, {
    about: "bucket in the path instead of the host name, as RustFS and MinIO need it",
    expected: "true or false (or yes, no, 1, 0)"
  }),

  ocr: optional("OCR", literals(["tesseract", "vision"]), { about: "choose the text recognition by name", expected: "tesseract or vision" }),
  googleCredentials: optional("GOOGLE_APPLICATION_CREDENTIALS", Config.String, {
    about: "Google Cloud Vision with this service account",
    expected: "the path of a key file"
  }),
  googleApiKey: secret("GOOGLE_VISION_API_KEY", { about: "Google Cloud Vision with an API key", expected: "an API key" }),
  googleEndpoint: optional("GOOGLE_VISION_ENDPOINT", Config.URL, {
    about: "another Vision endpoint; plain http is for an emulator and sends no credentials",
    expected: "https://eu-vision.googleapis.com or http://host:port"
  }),
  ocrLanguages: withFallback("OCR_LANGUAGES", Config.String, "fr,en", {
    about: "language hints for Vision, the likeliest first",
    expected: "language codes separated by commas"
  }),

  extractor: optional("EXTRACTOR", literals(["rules", "openai"]), { about: "choose the field extraction by name", expected: "rules or openai" }),
  openAiKey: secret("OPENAI_API_KEY", { about: "OpenAI, or a compatible server", expected: "an API key" }),
  openAiBaseUrl: optional("OPENAI_BASE_URL", Config.URL, { about: "a compatible server (Azure, vLLM, Ollama)", expected: "https://host/v1" }),
  openAiModel: withFallback("OPENAI_MODEL", Config.String, "gpt-4.1-mini", { about: "the model", expected: "a model's name" }),

  queues: withFallback("QUEUES", (name) => Config.schema(QueuesText, name), everyQueue, {
    about: "the queues that this process works on; upkeep (scheduler, outbox, reconciler) runs in each process",
    expected: `names separated by commas: ${everyQueue.join(", ")}`,
    fallback: "all"
  }),
  concurrency: withFallback("INVOICE_CONCURRENCY", intBetween(1, 64), 4, {
    about: "invoices at work at once in this process",
    expected: "a whole number from 1 to 64"
  }),
  tenantConcurrency: optional("TENANT_CONCURRENCY", intBetween(1, 1000), {
    about: "most jobs of one tenant and queue in flight at once, over all processes; unset for no limit",
    expected: "a whole number from 1 to 1000"
  }),
  keepCompleted: withFallback("KEEP_COMPLETED", durationOf, defaultRetention.completed.age, {
    about: "how long completed jobs stay in the queue",
    expected: "a duration such as 1 day or 12 hours; a bare number is seconds",
    fallback: "1 day"
  }),
  keepCompletedCount: withFallback("KEEP_COMPLETED_COUNT", intBetween(0, 1_000_000), defaultRetention.completed.count, {
    about: "and how many of them at most",
    expected: "a whole number from 0 to 1000000"
  }),
  keepFailed: withFallback("KEEP_FAILED", durationOf, defaultRetention.failed.age, {
    about: "how long failed jobs stay in the queue",
    expected: "a duration such as 14 days; a bare number is seconds",
    fallback: "14 days"
  }),
  keepFailedCount: withFallback("KEEP_FAILED_COUNT", intBetween(0, 1_000_000), defaultRetention.failed.count, {
    about: "and how many of them at most",
    expected: "a whole number from 0 to 1000000"
  }),
  ocrConcurrency: withFallback("OCR_CONCURRENCY", intBetween(1, 16), 1, {
    about: "Tesseract processes at once, about 300 MB each",
    expected: "a whole number from 1 to 16"
  }),
  shutdownGrace: withFallback("SHUTDOWN_GRACE", durationOf, Duration.seconds(20), {
    about: "how long running jobs may go on after SIGTERM",
    expected: "a duration such as 20 seconds, 500 ms or 2 minutes; a bare number is seconds",
    fallback: "20 seconds"
  }),
  opsHost: withFallback("OPS_HOST", Config.String, "127.0.0.1", { about: "where /health/live and /health/ready are served", expected: "a host name or address" }),
  opsPort: withFallback("OPS_PORT", intBetween(0, 65535), 9464, { about: "and on which port; 0 takes a free one", expected: "a port from 0 to 65535" }),
  logLevel: withFallback("LOG_LEVEL", literals(["debug", "info", "warning", "error"]), "info", {
    about: "the least severe lines that are written",
    expected: "debug, info, warning or error"
  }),
  logFormat: optional("LOG_FORMAT", literals(["pretty", "json"]), { about: "json by default in production", expected: "pretty or json" }),
  otlpEndpoint: optional("OTEL_EXPORTER_OTLP_ENDPOINT", Config.URL, { about: "send traces and metrics there (OTLP over HTTP)", expected: "http://host:4318" }),
  otelServiceName: withFallback("OTEL_SERVICE_NAME", Config.String, "tt-worker", { about: "the name in traces", expected: "a name" })
}

/** What the variables read as. */
export type Values = Config.Success<typeof environment>

/** The whole environment as one Config. */
export const environment = Config.all(variables)
