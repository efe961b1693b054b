import type { Settings } from "../../src/config/Settings.ts"
import { table } from "./table.ts"

const database = ({ dataDir, database }: Settings): string =>
  database._tag === "embedded" ? `embedded PostgreSQL, data in ${dataDir}` : `PostgreSQL at ${database.url.label}`

const queue = ({ queue }: Settings): string =>
  queue._tag === "redis" ? `BullMQ on Redis at ${queue.label}` : "BullMQ in the same PostgreSQL"

const storage = ({ dataDir, storage }: Settings): string =>
  storage._tag === "disk"
    ? `files on disk, in ${dataDir}/files`
    : `S3 bucket ${storage.bucket} at ${storage.endpoint === null ? `Amazon, ${storage.region}` : new URL(storage.endpoint).host}`

const inRegion = (region: "eu" | "any"): string => region === "eu" ? " in the European Union" : ""

const ocr = ({ ocr, ocrConcurrency }: Settings): string =>
  ocr._tag === "tesseract"
    ? `Tesseract (French, English), offline, ${ocrConcurrency} at once`
    : `Google Cloud Vision${ocr.endpoint === undefined ? inRegion(ocr.region) : ` at ${ocr.endpoint.host}`}`

const extractor = ({ extractor }: Settings): string =>
  extractor._tag === "rules"
    ? "rules, offline"
    : `OpenAI ${extractor.model}${extractor.baseUrl === undefined ? inRegion(extractor.region) : ` at ${new URL(extractor.baseUrl).host}`}`

/** What each service is now, and which variable changes it. No secrets. */
export const servicesOf = (settings: Settings): ReadonlyArray<readonly [service: string, now: string, changedBy: string]> => [
  ["database", database(settings), "DATABASE_URL"],
  ["queue", queue(settings), "REDIS_URL"],
  ["storage", storage(settings), "S3_ENDPOINT, S3_BUCKET, …"],
  ["text recognition", ocr(settings), "GOOGLE_APPLICATION_CREDENTIALS"],
  ["field extraction", extractor(settings), "OPENAI_API_KEY"],
  ["traces", settings.telemetry.endpoint === null ? "off" : `OTLP to ${settings.telemetry.endpoint.host}`, "OTEL_EXPORTER_OTLP_ENDPOINT"]
]

/** The same as a table for people. */
export const describeSettings = (settings: Settings): string => table([["service", "now", "changed by"], ...servicesOf(settings)])
