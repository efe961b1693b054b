import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"

/** Kinds of column types that statements of the worker work with alike; names are those of `pg_type`. */
const kinds = {
  text: ["text", "varchar", "bpchar", "citext"],
  json: ["jsonb", "json"],
  jsonb: ["jsonb"],
  boolean: ["bool"],
  real: ["float4", "float8", "numeric"],
  amount: ["numeric"],
  whole: ["int2", "int4", "int8"],
  number: ["int2", "int4", "int8", "numeric", "float4", "float8"],
  day: ["date", "timestamp", "timestamptz"],
  time: ["timestamp", "timestamptz"],
  list: ["_text", "_varchar"],
  numbers: ["_int2", "_int4", "_int8"]
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

export interface SharedColumn {
  readonly programs: ReadonlyArray<QueueName>
  readonly table: string
  readonly column: string
  readonly types: ReadonlyArray<string>
  /** The worker writes null into it. */
  readonly nullable: boolean
  /** Labels that it writes, where the API has made it an enum; an enum is no misfit then. */
  readonly labels: ReadonlyArray<string> | null
  /** Amounts are kept to the cent. */
  readonly scale: number | null
  /** Where it is missing, only what needs it is off (`entryShape`). */
  readonly optional: boolean
}

interface Needs {
  readonly nullable?: boolean
  readonly labels?: ReadonlyArray<string>
  readonly optional?: boolean
}

const column = (programs: ReadonlyArray<QueueName>, table: string) => (column: string, kind: keyof typeof kinds, needs: Needs = {}): SharedColumn => ({
  programs,
  table,
  column,
  types: kinds[kind],
  nullable: needs.nullable ?? false,
  labels: needs.labels ?? null,
  scale: kind === "amount" ? 2 : null,
  optional: needs.optional ?? false
})

const { AUTOMATION: automation, EMAIL_SYNC: mail, INVOICE_PROCESSING: invoice, WEBHOOK_DELIVERY: webhook } = QUEUE_NAMES
const nullable = { nullable: true }
/** Compared as text: any enum will do. */
const anyLabels = { labels: [] }

const tenants = column([invoice, mail, automation], "tenants")
const mailTenants = column([mail], "tenants")
const users = column([automation], "tenant_users")
const projects = column([automation], "projects")
const entries = column([automation], "entries")
const absences = column([automation], "absences")
const everyInvoice = column([invoice, mail, automation], "invoices")
const mailedInvoices = column([invoice, mail], "invoices")
const invoices = column([invoice], "invoices")
const countedInvoices = column([invoice, automation], "invoices")
/** Every program emits events, in one transaction with its work. */
const everyWebhook = column(Object.values(QUEUE_NAMES), "webhooks")
const emitted = column(Object.values(QUEUE_NAMES), "webhook_deliveries")
const webhooks = column([webhook], "webhooks")
const deliveries = column([webhook], "webhook_deliveries")

const written = { optional: true, nullable: true }

/** Every column of the API's tables that a program's statements name: a line each. Programs add their own here. */
export const sharedColumns: ReadonlyArray<SharedColumn> = [
  tenants("id", "text"),
  tenants("features", "jsonb"),
  mailTenants("emailSettings", "jsonb"),

  users("id", "text"),
  users("tenantId", "text"),
  users("archived", "boolean"),
  users("automations", "json"),

  projects("id", "text"),
  projects("tenantId", "text"),

  entries("id", "text"),
  entries("tenantId", "text"),
  entries("tenantUserId", "text"),
  entries("startDate", "time"),
  entries("endDate", "time", nullable),
  entries("status", "text", anyLabels),
  entries("projectId", "text", written),
  entries("taskId", "text", written),
  entries("note", "text", written),
  entries("breakMinutes", "number", written),
  entries("source", "text", { optional: true, labels: ["automation"] }),
  entries("automationId", "text", { optional: true }),
  entries("occurrence", "time", { optional: true }),
  entries("occurrenceItem", "whole", { optional: true }),
  entries("closedBy", "text", { ...written, labels: ["automation"] }),
  entries("exportedAt", "time", { optional: true }),

  absences("tenantId", "text", { optional: true }),
  absences("tenantUserId", "text", { optional: true }),
  absences("startDate", "day", { optional: true }),
  absences("endDate", "day", { optional: true }),
  absences("status", "text", { ...anyLabels, optional: true }),

  mailedInvoices("id", "text"),
  everyInvoice("tenantId", "text"),
  everyInvoice("status", "text", { labels: ["nouveau", "processing", "processed", "error"] }),
  mailedInvoices("fileKey", "text"),
  mailedInvoices("updatedAt", "time"),
  column([mail], "invoices")("fileName", "text"),
  column([mail], "invoices")("contentType", "text"),
  countedInvoices("archived", "boolean"),
  countedInvoices("createdAt", "time"),
  invoices("supplierName", "text", nullable),
  invoices("invoiceNumber", "text", nullable),
  invoices("invoiceDate", "day", nullable),
  invoices("dueDate", "day", nullable),
  invoices("currency", "text", nullable),
  invoices("amountHT", "amount", nullable),
  invoices("amountTVA", "amount", nullable),
  invoices("amountTTC", "amount", nullable),
  invoices("documentType", "text", nullable),
  invoices("iban", "text", nullable),
  invoices("supplierVatNumber", "text", nullable),
  invoices("supplierSiren", "text", nullable),
  invoices("supplierSiret", "text", nullable),
  invoices("vatLines", "jsonb", nullable),
  invoices("lineItems", "jsonb", nullable),
  invoices("confidence", "real"),
  invoices("needsReview", "boolean"),
  invoices("readingSource", "text"),
  invoices("evidence", "jsonb"),
  invoices("warnings", "jsonb"),
  invoices("errorCode", "text", nullable),
  invoices("errorMessage", "text", nullable),
  invoices("processedAt", "time"),

  everyWebhook("id", "text"),
  everyWebhook("tenantId", "text"),
  everyWebhook("url", "text"),
  everyWebhook("active", "boolean"),
  everyWebhook("events", "list", anyLabels),
  webhooks("secret", "text"),
  webhooks("previousSecret", "text"),
  webhooks("previousSecretUntil", "time"),
  webhooks("ordering", "text"),
  webhooks("retrySchedule", "numbers"),
  webhooks("maxConcurrency", "whole"),
  webhooks("maxPerMinute", "whole"),
  webhooks("disabledAt", "time", nullable),
  webhooks("disabledReason", "text", nullable),
  webhooks("failingSince", "time", nullable),
  webhooks("updatedAt", "time"),

  emitted("id", "text"),
  emitted("webhookId", "text"),
  emitted("tenantId", "text"),
  emitted("event", "text"),
  emitted("payload", "jsonb"),
  emitted("status", "text"),
  emitted("createdAt", "time"),
  emitted("updatedAt", "time"),
  emitted("body", "text"),
  emitted("bodyHash", "text"),
  emitted("eventId", "text"),
  emitted("idempotencyKey", "text", nullable),
  emitted("orderingKey", "text", nullable),
  emitted("orderingSequence", "whole", nullable),
  emitted("jobId", "text"),
  deliveries("responseStatus", "whole", nullable),
  deliveries("durationMs", "whole", nullable),
  deliveries("attemptNumber", "whole"),
  deliveries("attemptStartedAt", "time"),
  deliveries("nextAttemptAt", "time", nullable),
  deliveries("leaseUntil", "time", nullable),
  deliveries("finishedAt", "time", nullable),
  deliveries("errorClass", "text", nullable),
  deliveries("errorMessage", "text", nullable),
  deliveries("timings", "jsonb", nullable),
  deliveries("requestHeaders", "jsonb", nullable),
  deliveries("responseHeaders", "jsonb", nullable),
  deliveries("responseExcerpt", "text", nullable),
  deliveries("traceId", "text", nullable),
  deliveries("replays", "whole"),
  deliveries("replaying", "boolean"),
  deliveries("claimEpoch", "whole")
]

/** Columns of these tables that the worker never names, though it may look at them in a row's document. */
export const columnsOfTheApiAlone: Readonly<Record<string, ReadonlyArray<string>>> = {
  tenants: ["name"],
  tenant_users: ["userId", "name", "vehicleId", "country"],
  projects: ["name", "archived"],
  absences: ["id", "type", "note"],
  invoices: ["tenantUserId"],
  webhooks: ["createdAt"]
}

/** Tables in which these programs add rows: what such a row must have and the worker does not know, keeps them from it. */
export const rowsAdded: ReadonlyArray<{ readonly table: string; readonly programs: ReadonlyArray<QueueName> }> = [
  { table: "invoices", programs: [mail] },
  { table: "webhook_deliveries", programs: Object.values(QUEUE_NAMES) }
]

const shown: Readonly<Record<string, string>> = { bool: "boolean", float4: "real", float8: "double precision", int2: "smallint", int4: "integer", int8: "bigint", bpchar: "char" }
export const typeInWords = (name: string): string => name.startsWith("_") ? `${typeInWords(name.slice(1))}[]` : shown[name] ?? name

/** "text, varchar, char or an enum with 'error', nullable". */
export const neededInWords = ({ labels, nullable, scale, types }: SharedColumn): string => {
  const asEnum = labels === null ? [] : [labels.length === 0 ? types.some((type) => type.startsWith("_")) ? "a list of an enum" : "an enum" : `an enum with ${labels.join(", ")}`]
  const all = [...types.map((type) => scale === null ? typeInWords(type) : `${typeInWords(type)} with at least ${scale} places`), ...asEnum]
  const last = all.at(-1) ?? ""
  return `${all.length === 1 ? last : `${all.slice(0, -1).join(", ")} or ${last}`}${nullable ? ", nullable" : ""}`
}
