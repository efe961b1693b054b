import type * as SqlClient from "effect/sql/SqlClient"
import { longestText } from "../../src/domain/events/invoiceEvents.ts"
import type { InvoiceClaim } from "../../src/services/Invoices.ts"

/**
 * Columns of `invoices` that a reading writes, with the SQL type that the JSON text is cast to. A column whose value
 * is not what the machine wrote last was set by a person, and stays.
 */
const readColumns: ReadonlyArray<readonly [column: string, type: "text" | "date" | "numeric" | "jsonb"]> = [
  ["supplierName", "text"],
  ["invoiceNumber", "text"],
  ["invoiceDate", "date"],
  ["dueDate", "date"],
  ["currency", "text"],
  ["amountHT", "numeric"],
  ["amountTVA", "numeric"],
  ["amountTTC", "numeric"],
  ["documentType", "text"],
  ["iban", "text"],
  ["supplierVatNumber", "text"],
  ["supplierSiren", "text"],
  ["supplierSiret", "text"],
  ["vatLines", "jsonb"],
  ["lineItems", "jsonb"]
]

const quoted = (column: string): string => `"${column}"`
const pick = (document: string, column: string, type: string): string =>
  type === "jsonb" ? `nullif(${document}->'${column}', 'null'::jsonb)` : `(${document}->>'${column}')::${type}`

/** As both sides are compared: text whatever the column's type, amounts to the cent whatever its scale. */
const comparable = (value: string, type: string): string =>
  type === "text" ? `(${value})::text` : type === "numeric" ? `round((${value})::numeric, 2)` : value

const assignments = readColumns.map(([column, type]) => {
  const name = quoted(column)
  const current = comparable(`i.${name}`, type)
  const written = comparable(pick(`c."writtenFields"`, column, type), type)
  return `${name} = CASE WHEN ${current} IS NOT DISTINCT FROM ${written} THEN ${pick("d.fields", column, type)} ELSE i.${name} END`
}).join(",\n      ")

/**
 * Locks the invoice's row until the transaction ends. A statement of its own: what a locking statement joins is seen as
 * it was before the wait for the lock, so that of two jobs the second would miss the claim of the first.
 */
export const lockInvoice = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string) =>
  sql`SELECT 1 FROM invoices WHERE "tenantId" = ${tenantId} AND id = ${invoiceId} FOR UPDATE`

/** The row, the claim on it and whether that claim is alive, by the database's clock. */
export const loadForClaim = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string, jobId: string) =>
  sql`SELECT i.status::text AS status, coalesce(i.archived, false) AS archived, i."fileKey" AS "fileKey",
      coalesce(c.generation, 1) AS generation, coalesce(c."processedGeneration", 0) AS "processedGeneration",
      coalesce(c."leaseUntil" > clock_timestamp() AND c."jobId" IS DISTINCT FROM ${jobId}, false) AS "claimedByOther",
      greatest(0, ceil(extract(epoch FROM c."leaseUntil" - clock_timestamp()) * 1000))::int AS "leaseMillis"
    FROM invoices i
    LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = i."tenantId" AND c."invoiceId" = i.id
    WHERE i."tenantId" = ${tenantId} AND i.id = ${invoiceId}`

export const takeClaim = (
  sql: SqlClient.SqlClient,
  claim: { readonly tenantId: string; readonly invoiceId: string; readonly generation: number; readonly jobId: string; readonly holder: string; readonly leaseMillis: number }
) =>
  sql`INSERT INTO tt_worker.invoice_claims AS c ("tenantId", "invoiceId", epoch, generation, "jobId", holder, "leaseUntil")
    VALUES (${claim.tenantId}, ${claim.invoiceId}, 1, ${claim.generation}, ${claim.jobId}, ${claim.holder},
      clock_timestamp() + ${claim.leaseMillis} * interval '1 millisecond')
    ON CONFLICT ("tenantId", "invoiceId") DO UPDATE SET
      epoch = c.epoch + 1, generation = greatest(c.generation, excluded.generation), "jobId" = excluded."jobId",
      holder = excluded.holder, "leaseUntil" = excluded."leaseUntil", "updatedAt" = now()
    RETURNING epoch::text AS epoch`

export const moveToProcessing = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string) =>
  sql`UPDATE invoices SET status = 'processing', "updatedAt" = now() WHERE "tenantId" = ${tenantId} AND id = ${invoiceId}`

const claimIs = (sql: SqlClient.SqlClient, claim: InvoiceClaim) =>
  sql`"tenantId" = ${claim.tenantId} AND "invoiceId" = ${claim.invoiceId} AND epoch = ${claim.epoch.toString()}::text::bigint AND holder IS NOT NULL`

/** The invoice may still be written by this holder: same tenant, still `processing`, not archived, newest epoch. */
const mayWrite = (sql: SqlClient.SqlClient, claim: InvoiceClaim) =>
  sql`i."tenantId" = ${claim.tenantId} AND i.id = ${claim.invoiceId} AND i.status::text = 'processing'
    AND coalesce(i.archived, false) = false AND c."tenantId" = i."tenantId" AND c."invoiceId" = i.id
    AND c.epoch = ${claim.epoch.toString()}::text::bigint AND c.holder IS NOT NULL`

export const renewLease = (sql: SqlClient.SqlClient, claim: InvoiceClaim, leaseMillis: number) =>
  sql`UPDATE tt_worker.invoice_claims SET "leaseUntil" = clock_timestamp() + ${leaseMillis} * interval '1 millisecond'
    WHERE ${claimIs(sql, claim)} RETURNING epoch::text AS epoch`

/** An instant as events carry it. */
const timestamp = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp`

/** The row as it is told to subscribers, whatever the types of the API's columns. */
const told = [
  ...["supplierName", "invoiceNumber"].map((column) => `left(i."${column}", ${longestText}) AS "${column}"`),
  ...["invoiceDate", "dueDate"].map((column) => `i."${column}"::date::text AS "${column}"`),
  ...["documentType", "currency"].map((column) => `i."${column}"::text AS "${column}"`),
  ...["amountHT", "amountTVA", "amountTTC"].map((column) => `round(i."${column}", 2)::text AS "${column}"`),
  timestamp
].join(", ")

/** `fields` and `rest` are JSON text; amounts in it are decimal strings. */
export const writeReading = (sql: SqlClient.SqlClient, claim: InvoiceClaim, fields: string, rest: string) =>
  sql`UPDATE invoices i SET
      ${sql.literal(assignments)},
      confidence = (d.rest->>'confidence')::real,
      "needsReview" = (d.rest->>'needsReview')::boolean,
      "readingSource" = d.rest->>'source',
      evidence = d.rest->'evidence',
      warnings = d.rest->'warnings',
      status = 'processed', "errorCode" = NULL, "errorMessage" = NULL, "processedAt" = now(), "updatedAt" = now()
    FROM tt_worker.invoice_claims c, (SELECT ${fields}::text::jsonb AS fields, ${rest}::text::jsonb AS rest) d
    WHERE ${mayWrite(sql, claim)}
    RETURNING ${sql.literal(told)}`

const numberKey = (table: "i" | "o"): string => `upper(regexp_replace(${table}."invoiceNumber", '\\s', '', 'g'))`

/**
 * Two invoices with the same number that end at the same moment look for each other one after the other, so that the
 * second sees the first. Until the transaction ends.
 */
export const lockNumber = (sql: SqlClient.SqlClient, claim: InvoiceClaim) =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(i."tenantId" || '/' || ${sql.literal(numberKey("i"))}, 0))
    FROM invoices i WHERE i."tenantId" = ${claim.tenantId} AND i.id = ${claim.invoiceId} AND i."invoiceNumber" IS NOT NULL`

/** The tenant's other invoices with the number of this one, and what tells their supplier and this one's. */
export const sameNumber = (sql: SqlClient.SqlClient, claim: InvoiceClaim) =>
  sql`SELECT o.id, o."supplierName", o."supplierSiren", o."supplierVatNumber", c.sha256,
      i."supplierName" AS "ownName", i."supplierSiren" AS "ownSiren", i."supplierVatNumber" AS "ownVatNumber"
    FROM invoices i
    JOIN invoices o ON o."tenantId" = i."tenantId" AND o.id <> i.id AND ${sql.literal(numberKey("o"))} = ${sql.literal(numberKey("i"))}
      AND coalesce(o."documentType"::text, i."documentType"::text) IS NOT DISTINCT FROM coalesce(i."documentType"::text, o."documentType"::text)
    LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = o."tenantId" AND c."invoiceId" = o.id
    WHERE i."tenantId" = ${claim.tenantId} AND i.id = ${claim.invoiceId} AND ${sql.literal(numberKey("i"))} <> ''
    ORDER BY o.id LIMIT 100`

/** A warning (JSON text) more, on the row that this transaction has just written. */
export const addWarning = (sql: SqlClient.SqlClient, claim: InvoiceClaim, warning: string) =>
  sql`UPDATE invoices SET "needsReview" = true, warnings = warnings || ${warning}::text::jsonb
    WHERE "tenantId" = ${claim.tenantId} AND id = ${claim.invoiceId}`

export const closeProcessed = (sql: SqlClient.SqlClient, claim: InvoiceClaim, fields: string, sha256: string) =>
  sql`UPDATE tt_worker.invoice_claims SET "writtenFields" = ${fields}::text::jsonb, sha256 = ${sha256},
      "processedGeneration" = ${claim.generation}, holder = NULL, "leaseUntil" = NULL,
      "lastErrorCode" = NULL, "lastErrorMessage" = NULL, "lastErrorAt" = NULL, "nextAttemptAt" = NULL, "updatedAt" = now()
    WHERE ${claimIs(sql, claim)} RETURNING epoch::text AS epoch`

export const writeError = (
  sql: SqlClient.SqlClient,
  claim: InvoiceClaim,
  note: { readonly code: string; readonly sentence: string },
  status: "error" | "processing"
) =>
  sql`UPDATE invoices i SET status = ${sql.literal(`'${status}'`)}, "errorCode" = ${note.code}, "errorMessage" = ${note.sentence}, "updatedAt" = now()
    FROM tt_worker.invoice_claims c WHERE ${mayWrite(sql, claim)} RETURNING ${sql.literal(timestamp)}`

/** `next` is an ISO 8601 time, or null when no attempt follows. */
export const closeFailed = (
  sql: SqlClient.SqlClient,
  claim: InvoiceClaim,
  note: { readonly code: string; readonly sentence: string },
  next: string | null
) =>
  sql`UPDATE tt_worker.invoice_claims SET holder = NULL, "leaseUntil" = NULL, "lastErrorCode" = ${note.code},
      "lastErrorMessage" = ${note.sentence}, "lastErrorAt" = now(), "nextAttemptAt" = ${next}::text::timestamptz, "updatedAt" = now(),
      "failedGeneration" = CASE WHEN ${next}::text IS NULL THEN ${claim.generation} ELSE "failedGeneration" END
    WHERE ${claimIs(sql, claim)} RETURNING epoch::text AS epoch`

export const letGo = (sql: SqlClient.SqlClient, claim: InvoiceClaim) =>
  sql`UPDATE tt_worker.invoice_claims SET holder = NULL, "leaseUntil" = NULL, "updatedAt" = now() WHERE ${claimIs(sql, claim)}`

/** Only what is in `processing` with nobody at it; needs the row locked, see `lockInvoice`. */
export const backToNew = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string) =>
  sql`UPDATE invoices i SET status = 'nouveau', "errorCode" = NULL, "errorMessage" = NULL, "updatedAt" = now()
    WHERE i."tenantId" = ${tenantId} AND i.id = ${invoiceId} AND i.status::text = 'processing' AND coalesce(i.archived, false) = false
      AND NOT EXISTS (SELECT 1 FROM tt_worker.invoice_claims c
        WHERE c."tenantId" = i."tenantId" AND c."invoiceId" = i.id AND c."leaseUntil" > clock_timestamp())`

/** Known to the worker from here on, also where it never had a claim. */
export const noteSkip = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string, reason: string) =>
  sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId", "skippedReason", "skippedAt")
    SELECT i."tenantId", i.id, ${reason}, clock_timestamp() FROM invoices i WHERE i."tenantId" = ${tenantId} AND i.id = ${invoiceId}
    ON CONFLICT ("tenantId", "invoiceId") DO UPDATE SET "skippedReason" = excluded."skippedReason", "skippedAt" = excluded."skippedAt"`

export const processAgain = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string, traceparent: string | null) =>
  sql`SELECT outcome, status, generation, "jobId" FROM tt_worker.process_again(${tenantId}, ${invoiceId}, ${traceparent}::text)`

/** The kept answers of models for this invoice do not count any more: they are asked again, and paid again. */
export const askModelAgain = (sql: SqlClient.SqlClient, tenantId: string, invoiceId: string) =>
  sql`UPDATE tt_worker.invoice_claims SET "askAgainSince" = clock_timestamp() WHERE "tenantId" = ${tenantId} AND "invoiceId" = ${invoiceId}`
