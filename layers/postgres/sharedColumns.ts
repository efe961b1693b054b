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
  day: ["date", "timestamp", "timestamptz"],
  time: ["timestamp", "timestamptz"],
  list: ["_text", "_varchar"]
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
}

interface Needs {
  readonly nullable?: boolean
  readonly labels?: ReadonlyArray<string>
}

const column = (programs: ReadonlyArray<QueueName>, table: string) => (column: string, kind: keyof typeof kinds, needs: Needs = {}): SharedColumn => ({
  programs,
  table,
  column,
  types: kinds[kind],
  nullable: needs.nullable ?? false,
  labels: needs.labels ?? null,
  scale: kind === "amount" ? 2 : null
})

const { INVOICE_PROCESSING: invoice, WEBHOOK_DELIVERY: webhook } = QUEUE_NAMES
const nullable = { nullable: true }

const tenants = column([invoice], "tenants")
const invoices = column([invoice], "invoices")
const webhooks = column([webhook], "webhooks")
const deliveries = column([webhook], "webhook_deliveries")

/** Every column of the API's tables that a program's statements name: a line each. Programs add their own here. */
export const sharedColumns: ReadonlyArray<SharedColumn> = [
  tenants("id", "text"),
  tenants("features", "json"),

  invoices("id", "text"),
  invoices("tenantId", "text"),
  invoices("status", "text", { labels: ["nouveau", "processing", "processed", "error"] }),
  invoices("fileKey", "text"),
  invoices("archived", "boolean"),
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
  invoices("updatedAt", "time"),

  webhooks("id", "text"),
  webhooks("tenantId", "text"),
  webhooks("url", "text"),
  webhooks("secret", "text"),
  webhooks("active", "boolean"),
  deliveries("id", "text"),
  deliveries("webhookId", "text"),
  deliveries("tenantId", "text"),
  deliveries("event", "text"),
  deliveries("payload", "json"),
  deliveries("status", "text", { labels: ["pending"] }),
  deliveries("responseStatus", "whole", nullable),
  deliveries("durationMs", "whole", nullable)
]

const shown: Readonly<Record<string, string>> = { bool: "boolean", float4: "real", float8: "double precision", int2: "smallint", int4: "integer", int8: "bigint", bpchar: "char" }
export const typeInWords = (name: string): string => name.startsWith("_") ? `${typeInWords(name.slice(1))}[]` : shown[name] ?? name

/** "text, varchar, char or an enum with 'error', nullable". */
export const neededInWords = ({ labels, nullable, scale, types }: SharedColumn): string => {
  const all = [...types.map((type) => scale === null ? typeInWords(type) : `${typeInWords(type)} with at least ${scale} places`), ...(labels === null ? [] : [`an enum with ${labels.join(", ")}`])]
  const last = all.at(-1) ?? ""
  return `${all.length === 1 ? last : `${all.slice(0, -1).join(", ")} or ${last}`}${nullable ? ", nullable" : ""}`
}
