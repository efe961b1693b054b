import { type Duration, Option, type Redacted, Result } from "effect"
import type { QueueName } from "../contract/index.ts"
import { type DatabaseUrl, parseDatabaseUrl } from "../domain/DatabaseUrl.ts"
import { parseRedisUrl } from "../domain/redisUrl.ts"
import type { Retention } from "../domain/Retention.ts"
import type { Fault } from "./readVariables.ts"
import type { Values } from "./variables.ts"

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
export type OcrChoice = { readonly _tag: "tesseract" } | {
  readonly _tag: "vision"
  readonly credentials: VisionCredentials
  readonly endpoint: GoogleEndpoint | undefined
  readonly languageHints: ReadonlyArray<string>
}
export type ExtractorChoice = { readonly _tag: "rules" } | {
  readonly _tag: "openai"
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string | undefined
  readonly model: string
}

/** What reading a file needs, without queue, database and storage. */
export interface ReadingSettings {
  readonly ocr: OcrChoice
  readonly ocrConcurrency: number
  readonly extractor: ExtractorChoice
  readonly logLevel: "debug" | "info" | "warning" | "error"
  readonly logFormat: "pretty" | "json"
  readonly otlpEndpoint: URL | null
  readonly otelServiceName: string
}

/** What this process runs on, decided. */
export interface Settings extends ReadingSettings {
  readonly dataDir: string
  readonly database: DatabaseChoice
  readonly migrateOnStart: boolean
  readonly queue: QueueChoice
  readonly storage: StorageChoice
  /** Those that this process works on. */
  readonly queues: ReadonlySet<QueueName>
  readonly concurrency: number
  /** null for no limit. */
  readonly tenantConcurrency: number | null
  readonly retention: Retention
  readonly shutdownGrace: Duration.Duration
  readonly opsHost: string
  readonly opsPort: number
}

type Choice<A> = Result.Result<A, ReadonlyArray<Fault>>
const fault = (variable: string, problem: string): Choice<never> => Result.fail([{ variable, problem }])

/** In production nothing embedded or offline starts by itself. */
const standIn = <A>(values: Values, choice: A, variable: string, byName: string): Choice<A> =>
  values.nodeEnv === "production"
    ? fault(variable, `is not set; with NODE_ENV=production set it, or choose the stand-in by name with ${byName}`)
    : Result.succeed(choice)

const withoutSlash = (url: URL): string => url.toString().replace(/\/$/, "")

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

const googleEndpoint = (url: URL): GoogleEndpoint => {
  const insecure = url.protocol === "http:"
  return { host: url.hostname, port: url.port === "" ? (insecure ? 80 : 443) : Number(url.port), insecure }
}

const chooseOcr = (values: Values): Choice<OcrChoice> => {
  const name = Option.getOrNull(values.ocr)
  if (name === "tesseract") return Result.succeed({ _tag: "tesseract" })
  const credentials = Option.orElse(
    Option.map(values.googleApiKey, (key): VisionCredentials => ({ _tag: "ApiKey", key })),
    () => Option.map(values.googleCredentials, (path): VisionCredentials => ({ _tag: "KeyFile", path }))
  )
  if (Option.isNone(credentials)) {
    return name === "vision"
      ? fault("GOOGLE_APPLICATION_CREDENTIALS", "is not set, nor GOOGLE_VISION_API_KEY, but OCR=vision asks for one of them")
      : Option.isSome(values.googleEndpoint)
      ? fault("GOOGLE_APPLICATION_CREDENTIALS", "is not set, nor GOOGLE_VISION_API_KEY, but GOOGLE_VISION_ENDPOINT is")
      : standIn<OcrChoice>(values, { _tag: "tesseract" }, "GOOGLE_APPLICATION_CREDENTIALS", "OCR=tesseract")
  }
  return Result.succeed({
    _tag: "vision",
    credentials: credentials.value,
    endpoint: Option.getOrUndefined(Option.map(values.googleEndpoint, googleEndpoint)),
    languageHints: values.ocrLanguages.split(",").map((language) => language.trim()).filter((language) => language !== "")
  })
}

const chooseExtractor = (values: Values): Choice<ExtractorChoice> => {
  const name = Option.getOrNull(values.extractor)
  const key = Option.getOrNull(values.openAiKey)
  if (name === "rules") return Result.succeed({ _tag: "rules" })
  if (key === null) {
    return name === "openai"
      ? fault("OPENAI_API_KEY", "is not set, but EXTRACTOR=openai asks for it")
      : Option.isSome(values.openAiBaseUrl)
      ? fault("OPENAI_API_KEY", "is not set, but OPENAI_BASE_URL is; any key does for a server that asks for none")
      : standIn<ExtractorChoice>(values, { _tag: "rules" }, "OPENAI_API_KEY", "EXTRACTOR=rules")
  }
  return Result.succeed({ _tag: "openai", apiKey: key, baseUrl: Option.getOrUndefined(Option.map(values.openAiBaseUrl, withoutSlash)), model: values.openAiModel })
}

type Decision<A> = Result.Result<A, ReadonlyArray<Fault>>

const faultsOf = (choices: Readonly<Record<string, Choice<unknown>>>): ReadonlyArray<Fault> =>
  Object.values(choices).flatMap((choice) => Result.isFailure(choice) ? choice.failure : [])

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
      otlpEndpoint: Option.getOrNull(values.otlpEndpoint),
      otelServiceName: values.otelServiceName
    })
  })
}

/** Decides what runs from what is set; all faults together. A choice by name wins over what is set beside it. */
export const decideSettings = (values: Values): Decision<Settings> => {
  const choices = {
    database: chooseDatabase(values),
    queue: chooseQueue(values),
    storage: chooseStorage(values),
    reading: decideReadingSettings(values)
  }
  return Result.mapBoth(Result.all(choices), {
    onFailure: () => faultsOf(choices),
    onSuccess: ({ reading, ...chosen }): Settings => ({
      ...reading,
      ...chosen,
      dataDir: values.dataDir,
      migrateOnStart: values.migrateOnStart,
      queues: new Set(values.queues),
      concurrency: values.concurrency,
      tenantConcurrency: Option.getOrNull(values.tenantConcurrency),
      retention: {
        completed: { age: values.keepCompleted, count: values.keepCompletedCount },
        failed: { age: values.keepFailed, count: values.keepFailedCount }
      },
      shutdownGrace: values.shutdownGrace,
      opsHost: values.opsHost,
      opsPort: values.opsPort
    })
  })
}
