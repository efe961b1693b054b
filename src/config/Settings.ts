import { type Duration, Option, Redacted, Result } from "effect"
import type { QueueName } from "../contract/index.ts"
import { type DatabaseUrl, parseDatabaseUrl } from "../domain/DatabaseUrl.ts"
import { type AddressRules, parseAddressRules } from "../domain/AddressRules.ts"
import { type ForwardProxy, parseForwardProxy } from "../domain/ForwardProxy.ts"
import { type OperatorToken, parseNamedToken } from "../domain/Operator.ts"
import type { Price } from "../domain/prices.ts"
import { parseRedisUrl } from "../domain/redisUrl.ts"
import type { Retention } from "../domain/Retention.ts"
import type { RetentionPeriods } from "../domain/retentionPeriods.ts"
import { decideMailSettings, type MailSettings } from "./mailSettings.ts"
import type { Fault } from "./readVariables.ts"
import type { Values } from "./variables.ts"
import { type Choice, fault, standIn, withoutSlash } from "./choice.ts"
import { chooseExtractor, chooseOcr } from "./readingChoices.ts"
import { chooseRetention } from "./retentionChoice.ts"
import { telemetryOf } from "./telemetryChoice.ts"

export type DatabaseChoice = { readonly _tag: "embedded" } | {
  readonly _tag: "external"
  readonly url: DatabaseUrl
  /** The same database for the role that owns the tables; equal to `url` where there is no other. */
  readonly migrations: DatabaseUrl
}
export type QueueChoice = { readonly _tag: "postgres" } | { readonly _tag: "redis"; readonly url: Redacted.Redacted<string>; readonly label: string }
export type StorageChoice = { readonly _tag: "disk" } | {
  readonly _tag: "s3"
  /** null is Amazon's own. */
  readonly endpoint: string | null
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: Redacted.Redacted<string>
  readonly secretAccessKey: Redacted.Redacted<string>
  readonly sessionToken: Redacted.Redacted<string> | undefined
  readonly forcePathStyle: boolean
}
export type VisionCredentials =
  | { readonly _tag: "KeyFile"; readonly path: string }
  | { readonly _tag: "ApiKey"; readonly key: Redacted.Redacted<string> }
/** `insecure` is plain text without credentials: for an emulator. */
export interface GoogleEndpoint {
  readonly host: string
  readonly port: number
  readonly insecure: boolean
}
/** What a paid provider may be asked, and what it takes (`src/paid/paidStep.ts`). */
export interface PaidChoice {
  readonly price: Price
  readonly ratePerMinute: number
  readonly concurrency: number
  /** In millionths of a US dollar, for one tenant and month; null for no limit. */
  readonly monthlyLimit: number | null
  readonly fallback: boolean
}
export type OcrChoice = { readonly _tag: "tesseract" } | {
  readonly _tag: "vision"
  readonly credentials: VisionCredentials
  readonly endpoint: GoogleEndpoint | undefined
  readonly region: "eu" | "any"
  readonly languageHints: ReadonlyArray<string>
} & PaidChoice
export type ExtractorChoice = { readonly _tag: "rules" } | {
  readonly _tag: "openai"
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string | undefined
  readonly region: "eu" | "any"
  readonly model: string
  readonly pictures: boolean
} & PaidChoice

/** How webhooks are delivered. */
export interface WebhookSettings {
  readonly concurrency: number
  readonly httpsOnly: boolean
  readonly proxy: ForwardProxy | null
}

/** Where traces, metrics and logs go, and how much of them. */
export interface TelemetrySettings {
  /** null sends nothing. */
  readonly endpoint: URL | null
  readonly headers: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly protocol: "http/protobuf" | "http/json"
  readonly serviceName: string
  readonly traces: {
    /** Of the traces without a fault, 0 to 1; null makes no spans at all. */
    readonly ratio: number | null
    readonly sql: boolean
  }
}

/** What reading a file needs, without queue, database and storage. */
export interface ReadingSettings {
  readonly ocr: OcrChoice
  readonly ocrConcurrency: number
  readonly extractor: ExtractorChoice
  readonly logLevel: "debug" | "info" | "warning" | "error"
  readonly logFormat: "pretty" | "json"
  readonly telemetry: TelemetrySettings
}

/** What this process runs on, decided. */
export interface Settings extends ReadingSettings {
  readonly dataDir: string
  readonly database: DatabaseChoice
  readonly migrateOnStart: boolean
  readonly queue: QueueChoice
  readonly storage: StorageChoice
  readonly mail: MailSettings
  /** Those that this process works on. */
  readonly queues: ReadonlySet<QueueName>
  /** Pause every queue before anything runs. */
  readonly startPaused: boolean
  readonly concurrency: number
  readonly automationConcurrency: number
  /** null for no limit. */
  readonly tenantConcurrency: number | null
  /** Of finished jobs, in the queues. */
  readonly retention: Retention
  /** Of the worker's records. */
  readonly kept: RetentionPeriods
  readonly webhooks: WebhookSettings
  /** Exceptions to the rule that nothing inside our own network is called for a tenant. */
  readonly privateHosts: AddressRules
  readonly shutdownGrace: Duration.Duration
  readonly opsHost: string
  readonly opsPort: number
  /** Where health is served besides; null where nowhere else. */
  readonly health: { readonly host: string; readonly port: number } | null
  /** Where a trace is looked at, with a place for its id. */
  readonly traceUrl: string | null
  /** Who may use console, board and metrics; nobody but this machine where there is none. */
  readonly operators: ReadonlyArray<OperatorToken>
}

/** Another role or way to the same database: the API's schema is said once, in DATABASE_URL. */
const chooseMigrations = (values: Values, url: DatabaseUrl): Choice<DatabaseUrl> =>
  Option.match(values.migrationDatabaseUrl, {
    onNone: () => Result.succeed(url),
    onSome: (other) =>
      Result.mapBoth(parseDatabaseUrl(other), {
        onSuccess: (parsed): DatabaseUrl => ({ ...parsed, schema: url.schema }),
        onFailure: (problem) => [{ variable: "MIGRATION_DATABASE_URL", problem }]
      })
  })

const chooseDatabase = (values: Values): Choice<DatabaseChoice> => {
  const name = Option.getOrNull(values.database)
  const url = Option.getOrNull(values.databaseUrl)
  if (name === "embedded") return Result.succeed({ _tag: "embedded" })
  if (url === null) {
    return name === "external"
      ? fault("DATABASE_URL", "is not set, but DATABASE=external asks for it")
      : standIn<DatabaseChoice>(values, { _tag: "embedded" }, "DATABASE_URL", "DATABASE=embedded")
  }
  const parsed = Result.mapError(parseDatabaseUrl(url), (problem) => [{ variable: "DATABASE_URL", problem }])
  return Result.flatMap(parsed, (url) => Result.map(chooseMigrations(values, url), (migrations): DatabaseChoice => ({ _tag: "external", url, migrations })))
}

const chooseQueue = (values: Values): Choice<QueueChoice> => {
  const name = Option.getOrNull(values.queue)
  const url = Option.getOrNull(values.redisUrl)
  if (name === "postgres") return Result.succeed({ _tag: "postgres" })
  if (url === null) {
    return name === "redis"
      ? fault("REDIS_URL", "is not set, but QUEUE=redis asks for it")
      : standIn<QueueChoice>(values, { _tag: "postgres" }, "REDIS_URL", "QUEUE=postgres")
  }
  return Result.mapBoth(parseRedisUrl(url), {
    onSuccess: (label): QueueChoice => ({ _tag: "redis", url, label }),
    onFailure: (problem) => [{ variable: "REDIS_URL", problem }]
  })
}

const chooseStorage = (values: Values): Choice<StorageChoice> => {
  const name = Option.getOrNull(values.storage)
  if (name === "disk") return Result.succeed({ _tag: "disk" })
  const group: ReadonlyArray<Option.Option<unknown>> = [values.s3Endpoint, values.s3Bucket, values.s3AccessKeyId, values.s3SecretAccessKey, values.s3SessionToken]
  if (name !== "s3" && group.every(Option.isNone)) {
    return standIn<StorageChoice>(values, { _tag: "disk" }, "S3_BUCKET", "STORAGE=disk")
  }
  const needed = Option.all({ bucket: values.s3Bucket, accessKeyId: values.s3AccessKeyId, secretAccessKey: values.s3SecretAccessKey })
  if (Option.isNone(needed)) {
    const because = name === "s3" ? "STORAGE=s3 asks for it" : "other S3_ variables are set"
    const parts: ReadonlyArray<readonly [string, Option.Option<unknown>]> = [
      ["S3_BUCKET", values.s3Bucket],
      ["S3_ACCESS_KEY_ID", values.s3AccessKeyId],
      ["S3_SECRET_ACCESS_KEY", values.s3SecretAccessKey]
    ]
    return Result.fail(parts.flatMap(([variable, value]) => Option.isNone(value) ? [{ variable, problem: `is not set, but ${because}` }] : []))
  }
  return Result.succeed({
    _tag: "s3",
    ...needed.value,
    endpoint: Option.getOrNull(Option.map(values.s3Endpoint, withoutSlash)),
    region: values.s3Region,
    sessionToken: Option.getOrUndefined(values.s3SessionToken),
    forcePathStyle: values.s3ForcePathStyle
  })
}

const choosePrivateHosts = (values: Values): Choice<AddressRules> =>
  Result.mapError(parseAddressRules(values.allowedPrivateHosts), (entry) => [{
    variable: "ALLOWED_PRIVATE_HOSTS",
    problem: `"${entry}" is no network (10.1.2.0/24), address or name (hooks.intern, *.lan)`
  }])

const chooseProxy = (values: Values): Choice<ForwardProxy | null> => {
  const url = Option.getOrNull(values.webhookProxyUrl)
  return url === null ? Result.succeed(null) : Result.mapError(parseForwardProxy(url), (problem) => [{ variable: "WEBHOOK_PROXY_URL", problem }])
}

type Decision<A> = Result.Result<A, ReadonlyArray<Fault>>

/** Each variable once, whoever misses it. */
const faultsOf = (choices: Readonly<Record<string, Choice<unknown>>>): ReadonlyArray<Fault> => {
  const all = Object.values(choices).flatMap((choice) => Result.isFailure(choice) ? choice.failure : [])
  return all.filter(({ variable }, index) => all.findIndex((other) => other.variable === variable) === index)
}

/** Decides what reads a file; the other services may be unset. */
export const decideReadingSettings = (values: Values): Decision<ReadingSettings> => {
  const choices = { ocr: chooseOcr(values), extractor: chooseExtractor(values) }
  return Result.mapBoth(Result.all(choices), {
    onFailure: () => faultsOf(choices),
    onSuccess: (chosen): ReadingSettings => ({
      ...chosen,
      ocrConcurrency: values.ocrConcurrency,
      logLevel: values.logLevel,
      logFormat: Option.getOrElse(values.logFormat, () => values.nodeEnv === "production" ? "json" : "pretty"),
      telemetry: telemetryOf(values)
    })
  })
}

/** `OPS_TOKEN` belongs to somebody without a name; `OPS_TOKENS` name theirs. */
const chooseOperators = ({ opsToken, opsTokens }: Values): Choice<ReadonlyArray<OperatorToken>> => {
  const anybody = Option.toArray(opsToken).map((token): OperatorToken => ({ name: "operator", role: "operate", token }))
  const parts = Option.match(opsTokens, { onNone: () => [], onSome: (text) => Redacted.value(text).split(",").filter((part) => part.trim() !== "") })
  const named = parts.flatMap((part) => Option.toArray(parseNamedToken(part)))
  if (named.length < parts.length) return fault("OPS_TOKENS", "expected name:view:token or name:operate:token, separated by commas; tokens of at least 16 characters")
  return Result.succeed([...anybody, ...named.map(({ token, ...operator }): OperatorToken => ({ ...operator, token: Redacted.make(token) }))])
}

/** Decides what runs from what is set; all faults together. A choice by name wins over what is set beside it. */
export const decideSettings = (values: Values): Decision<Settings> => {
  const choices = {
    database: chooseDatabase(values),
    queue: chooseQueue(values),
    storage: chooseStorage(values),
    mail: decideMailSettings(values),
    operators: chooseOperators(values),
    reading: decideReadingSettings(values),
    privateHosts: choosePrivateHosts(values),
    proxy: chooseProxy(values),
    kept: chooseRetention(values)
  }
  return Result.mapBoth(Result.all(choices), {
    onFailure: () => faultsOf(choices),
    onSuccess: ({ proxy, reading, ...chosen }): Settings => ({
      ...reading,
      ...chosen,
      dataDir: values.dataDir,
      migrateOnStart: values.migrateOnStart,
      queues: new Set(values.queues),
      startPaused: values.startPaused,
      concurrency: values.concurrency,
      automationConcurrency: values.automationConcurrency,
      tenantConcurrency: Option.getOrNull(values.tenantConcurrency),
      retention: {
        completed: { age: values.keepCompleted, count: values.keepCompletedCount },
        failed: { age: values.keepFailed, count: values.keepFailedCount }
      },
      webhooks: { concurrency: values.webhookConcurrency, httpsOnly: values.webhookHttpsOnly, proxy },
      shutdownGrace: values.shutdownGrace,
      opsHost: values.opsHost,
      opsPort: values.opsPort,
      health: Option.getOrNull(Option.map(values.healthPort, (port) => ({ host: values.healthHost, port }))),
      traceUrl: Option.getOrNull(values.traceUrl)
    })
  })
}
