import { Config, Duration, type Redacted, Schema } from "effect"
import type * as Option from "effect/Option"
import { defaultRetention } from "../domain/limits.ts"
import { visionListPrice } from "../domain/prices.ts"
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

const dollars = (name: string) => Config.schema(Schema.NumberFromString.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })), name)
/** Two of them, with a slash between. */
const twoDollars = (name: string) => Config.schema(Schema.Trim.check(Schema.isPattern(/^\d+(\.\d+)?\s*\/\s*\d+(\.\d+)?$/)), name)
const share = (name: string) => Config.schema(Schema.NumberFromString.check(Schema.isBetween({ minimum: 0, maximum: 1 })), name)

/** A page may link to nothing else. */
const traceAddress = (name: string) => Config.schema(Schema.Trim.check(Schema.isPattern(/^https?:\/\/\S*\{traceId\}\S*$/)), name)

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
  providerRegion: optional("PROVIDER_REGION", literals(["eu", "any"]), {
    about: "where Vision and OpenAI may process documents: `eu` asks their European servers; must be chosen in production where one of them is used",
    expected: "eu or any"
  }),
  fallback: withFallback("PROVIDER_FALLBACK", literals(["none", "offline"]), "none", {
    about: "with `offline`, Tesseract and rules stand in while a provider is down, refuses or its budget is used up; such invoices are marked",
    expected: "none or offline"
  }),
  monthlyLimit: optional("MONTHLY_LIMIT_USD", dollars, {
    about: "most that the providers may cost for one tenant in a month (UTC), in US dollars, estimated; unset for no limit",
    expected: "an amount such as 25 or 2.50"
  }),
  googleCredentials: optional("GOOGLE_APPLICATION_CREDENTIALS", Config.String, {
    about: "Google Cloud Vision with this service account",
    expected: "the path of a key file"
  }),
  googleApiKey: secret("GOOGLE_VISION_API_KEY", { about: "Google Cloud Vision with an API key", expected: "an API key" }),
  googleEndpoint: optional("GOOGLE_VISION_ENDPOINT", Config.URL, {
    about: "another Vision endpoint; plain http is for an emulator and sends no credentials",
    expected: "https://host or http://host:port"
  }),
  ocrLanguages: withFallback("OCR_LANGUAGES", Config.String, "fr,en", {
    about: "language hints for Vision, the likeliest first",
    expected: "language codes separated by commas"
  }),
  visionPrice: withFallback("VISION_PRICE", dollars, visionListPrice, {
    about: "what Vision takes for 1,000 pages, in US dollars",
    expected: "an amount such as 1.50"
  }),
  visionRate: withFallback("VISION_RATE", intBetween(1, 100_000), 1_800, {
    about: "most requests to Vision in a minute, over all processes; fewer when Google asks for it",
    expected: "a whole number from 1 to 100000"
  }),
  visionConcurrency: withFallback("VISION_CONCURRENCY", intBetween(1, 1_000), 16, {
    about: "most requests to Vision at once, over all processes",
    expected: "a whole number from 1 to 1000"
  }),

  extractor: optional("EXTRACTOR", literals(["rules", "openai"]), { about: "choose the field extraction by name", expected: "rules or openai" }),
  openAiKey: secret("OPENAI_API_KEY", { about: "OpenAI, or a compatible server", expected: "an API key" }),
  openAiBaseUrl: optional("OPENAI_BASE_URL", Config.URL, { about: "a compatible server (Azure, vLLM, Ollama)", expected: "https://host/v1" }),
  openAiModel: withFallback("OPENAI_MODEL", Config.String, "gpt-4.1-mini", { about: "the model", expected: "a model's name" }),
  openAiPictures: withFallback("OPENAI_PICTURES", Config.Boolean, false, {
    about: "also give the model the picture of the first page; it must be a model that sees",
    expected: "true or false (or yes, no, 1, 0)"
  }),
  openAiPrice: optional("OPENAI_PRICE", twoDollars, {
    about: "what the model takes for a million tokens of input and of output, in US dollars; the list price where it is a known model of OpenAI's",
    expected: "two amounts such as 0.40/1.60"
  }),
  openAiRate: withFallback("OPENAI_RATE", intBetween(1, 100_000), 500, {
    about: "most requests to the model in a minute, over all processes; fewer when the server asks for it",
    expected: "a whole number from 1 to 100000"
  }),
  openAiConcurrency: withFallback("OPENAI_CONCURRENCY", intBetween(1, 1_000), 16, {
    about: "most requests to the model at once, over all processes",
    expected: "a whole number from 1 to 1000"
  }),

  mailConcurrency: withFallback("MAIL_CONCURRENCY", intBetween(1, 200), 20, {
    about: "tenants whose mail is synced at once in this process",
    expected: "a whole number from 1 to 200"
  }),
  mailPorts: optional("MAIL_PORTS", Config.String, {
    about: "ports of mail servers beside 993 and 143",
    expected: "ports separated by commas"
  }),
  mailPerHost: withFallback("MAIL_PER_HOST", intBetween(1, 1000), 10, {
    about: "most connections to one mail host at once, over all processes",
    expected: "a whole number from 1 to 1000"
  }),
  mailImportsPerDay: withFallback("MAIL_IMPORTS_PER_DAY", intBetween(1, 1_000_000), 2_000, {
    about: "most mailed files of one tenant that become invoices in 24 hours; the rest waits",
    expected: "a whole number from 1 to 1000000"
  }),
  mailMebibytesPerDay: withFallback("MAIL_MEBIBYTES_PER_DAY", intBetween(1, 10_000_000), 10_240, {
    about: "and most MiB of them",
    expected: "a whole number from 1 to 10000000"
  }),
  mailKeys: secret("MAIL_KEYS", {
    about: "keys that seal mail passwords and tokens; the first seals, all open",
    expected: "id:key pairs separated by commas, each key 32 bytes in base64"
  }),
  mailGoogleClientId: optional("MAIL_GOOGLE_CLIENT_ID", Config.String, { about: "our OAuth client with Google, for Gmail", expected: "a client id" }),
  mailGoogleClientSecret: secret("MAIL_GOOGLE_CLIENT_SECRET", { about: "and its secret", expected: "a client secret" }),
  mailGoogleTokenUrl: withFallback("MAIL_GOOGLE_TOKEN_URL", Config.URL, new URL("https://oauth2.googleapis.com/token"), {
    about: "where Google's tokens are refreshed",
    expected: "https://host/path"
  }),
  mailMicrosoftClientId: optional("MAIL_MICROSOFT_CLIENT_ID", Config.String, { about: "our OAuth client with Microsoft, for Microsoft 365", expected: "a client id" }),
  mailMicrosoftClientSecret: secret("MAIL_MICROSOFT_CLIENT_SECRET", { about: "and its secret", expected: "a client secret" }),
  mailMicrosoftTokenUrl: withFallback("MAIL_MICROSOFT_TOKEN_URL", Config.URL, new URL("https://login.microsoftonline.com/common/oauth2/v2.0/token"), {
    about: "where Microsoft's tokens are refreshed",
    expected: "https://host/path"
  }),

  startPaused: withFallback("START_PAUSED", Config.Boolean, false, {
    about: "after a restore: pause every queue before anything runs, and hold upkeep until one is resumed; each start pauses again, so take it out afterwards",
    expected: "true or false (or yes, no, 1, 0)"
  }),
  queues: withFallback("QUEUES", (name) => Config.schema(QueuesText, name), everyQueue, {
    about: "the queues that this process works on; upkeep (scheduler, outbox, reconciler) runs in each process",
    expected: `names separated by commas: ${everyQueue.join(", ")}`,
    fallback: "all"
  }),
  concurrency: withFallback("INVOICE_CONCURRENCY", intBetween(1, 64), 4, {
    about: "invoices at work at once in this process",
    expected: "a whole number from 1 to 64"
  }),
  automationConcurrency: withFallback("AUTOMATION_CONCURRENCY", intBetween(1, 64), 4, {
    about: "automation jobs at work at once in this process; each holds a connection of the database",
    expected: "a whole number from 1 to 64"
  }),
  webhookConcurrency: withFallback("WEBHOOK_CONCURRENCY", intBetween(1, 500), 64, {
    about: "webhook deliveries under way at once in this process; one endpoint gets a third of them at most",
    expected: "a whole number from 1 to 500"
  }),
  webhookHttpsOnly: withFallback("WEBHOOK_HTTPS_ONLY", Config.Boolean, false, {
    about: "deliver to https:// addresses only",
    expected: "true or false (or yes, no, 1, 0)"
  }),
  webhookProxyUrl: secret("WEBHOOK_PROXY_URL", { about: "deliver through this forward proxy, by CONNECT to the checked address", expected: "http://user:password@host:3128" }),
  allowedPrivateHosts: withFallback("ALLOWED_PRIVATE_HOSTS", Config.String, "", {
    about: "what tenants may have called inside your own network, which is refused otherwise",
    expected: "networks and names separated by commas: 10.1.2.0/24, hooks.intern, *.lan"
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
  retention: withFallback("RETENTION", Config.String, "", {
    about: "how long the worker's records are kept, and rows deleted by one statement, where it is not as the README's table of stores says",
    expected: "store=duration or store=duration/rows, separated by commas: webhook-deliveries=30 days, mails=200 days/1000"
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
  opsHost: withFallback("OPS_HOST", Config.String, "127.0.0.1", { about: "where health, metrics, console and board are served", expected: "a host name or address" }),
  opsPort: withFallback("OPS_PORT", intBetween(0, 65535), 9464, { about: "and on which port; 0 takes a free one", expected: "a port from 0 to 65535" }),
  healthPort: optional("HEALTH_PORT", intBetween(0, 65535), { about: "serve health on a port of its own as well, for probes that must not reach the console", expected: "a port from 0 to 65535" }),
  healthHost: withFallback("HEALTH_HOST", Config.String, "0.0.0.0", { about: "and where; it tells anybody whether the worker is well, and nothing else", expected: "a host name or address" }),
  opsToken: secret("OPS_TOKEN", { about: "opens console, board and metrics; without one they answer on a loopback address only", expected: "a long random text" }),
  opsTokens: secret("OPS_TOKENS", {
    about: "the same for several people, so that what is done has a name",
    expected: "name:view:token or name:operate:token, separated by commas; tokens of at least 16 characters"
  }),
  logLevel: withFallback("LOG_LEVEL", literals(["debug", "info", "warning", "error"]), "info", {
    about: "the least severe lines that are written",
    expected: "debug, info, warning or error"
  }),
  logFormat: optional("LOG_FORMAT", literals(["pretty", "json"]), { about: "json by default in production", expected: "pretty or json" }),
  otlpEndpoint: optional("OTEL_EXPORTER_OTLP_ENDPOINT", Config.URL, { about: "send traces, metrics and logs there (OTLP over HTTP)", expected: "http://host:4318" }),
  otlpHeaders: secret("OTEL_EXPORTER_OTLP_HEADERS", { about: "headers for it, such as Honeycomb's key", expected: "name=value,name=value" }),
  otlpProtocol: withFallback("OTEL_EXPORTER_OTLP_PROTOCOL", literals(["http/protobuf", "http/json"]), "http/protobuf", {
    about: "how they are written",
    expected: "http/protobuf or http/json"
  }),
  otelServiceName: withFallback("OTEL_SERVICE_NAME", Config.String, "tt-worker", { about: "the name in traces", expected: "a name" }),
  otelDisabled: withFallback("OTEL_SDK_DISABLED", Config.Boolean, false, { about: "send nothing, whatever else is set", expected: "true or false (or yes, no, 1, 0)" }),
  traceUrl: optional("TRACE_URL", traceAddress, {
    about: "where people look at a trace: console and board link jobs to it",
    expected: "an http:// or https:// address with {traceId} in it, such as http://jaeger:16686/trace/{traceId}"
  }),
  tracesSampler: withFallback(
    "OTEL_TRACES_SAMPLER",
    literals(["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"]),
    "parentbased_always_on",
    {
      about: "which traces are kept. It is decided at the end of an attempt: those with a fault always are, unless it is always_off",
      expected: "always_on, always_off or traceidratio, each also with parentbased_"
    }
  ),
  tracesSamplerArg: withFallback("OTEL_TRACES_SAMPLER_ARG", share, 1, { about: "the share of traceidratio", expected: "a number from 0 to 1" }),
  traceSql: withFallback("TRACE_SQL", Config.Boolean, false, {
    about: "a span for each SQL statement, rather than their count on the span that they belong to",
    expected: "true or false (or yes, no, 1, 0)"
  })
}

/** What the variables read as. */
export type Values = Config.Success<typeof environment>

/** The whole environment as one Config. */
export const environment = Config.all(variables)
