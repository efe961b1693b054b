import { DateTime } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueName } from "../../src/contract/index.ts"
import type { CandidateQuery, Enqueued } from "../../src/services/Reconciliation.ts"

/**
 * Deliveries that want a job: open, not in somebody's hands, not waiting for a later attempt, and not for one before them.
 * A job that is due may still stand in line for a while.
 */
const wantsJob = `(d.status::text IN ('pending', 'unknown') OR (d.status::text = 'delivering' AND coalesce(d."leaseUntil", '-infinity') < clock_timestamp() - interval '5 seconds'))
  AND coalesce(d."nextAttemptAt", '-infinity') < clock_timestamp() - interval '30 seconds'
  AND NOT (w.ordering = 'key' AND d."orderingKey" IS NOT NULL AND EXISTS (
    SELECT 1 FROM webhook_deliveries e WHERE e."webhookId" = d."webhookId" AND e."orderingKey" = d."orderingKey" AND e."tenantId" = d."tenantId"
      AND e.status::text IN ('pending', 'delivering', 'unknown')
      AND (coalesce(e."orderingSequence", 0), coalesce(e."createdAt", '-infinity'), e.id) < (coalesce(d."orderingSequence", 0), coalesce(d."createdAt", '-infinity'), d.id)))`

/** A row younger than this, or touched since, may have a job on its way. */
const minimumAge = `interval '30 seconds'`
/** A lease that ended longer ago than this is a dead process's. */
const leaseGrace = `interval '5 seconds'`
/** A job that the reconciler added is looked for after this, after twice as long the next time, and so on. */
const firstCheck = `interval '45 seconds'`
const mostDoublings = 6
/** A row whose job was alive is not looked at again sooner. */
const nextCheck = `interval '30 seconds'`

const tables = { invoices: "tt_worker.invoice_claims", deliveries: "tt_worker.delivery_reconciliation" } as const
const idColumns = { invoices: "invoiceId", deliveries: "deliveryId" } as const
export type Reconciled = keyof typeof tables

/**
 * From when on the job ids that a claim names are of this incarnation of the queue: never, while another one is noted;
 * always, where none was ever noted.
 */
const sinceOf = (sql: SqlClient.SqlClient, queue: QueueName, incarnation: string) =>
  sql`coalesce((SELECT CASE WHEN value = ${incarnation} THEN "updatedAt" ELSE 'infinity' END
    FROM tt_worker.settings WHERE key = ${incarnationKey(queue)}), '-infinity')`

const movedIn = `(SELECT value::timestamptz FROM tt_worker.settings WHERE key = 'moved_in_at')`

/** `created` are SQL; the API's times are UTC, and so is the session. */
const isOurs = (sql: SqlClient.SqlClient, row: string, { since }: CandidateQuery) =>
  since === null
    ? sql.literal(`${row}."createdAt" >= ${movedIn}`)
    : sql`coalesce(${sql.literal(`${row}."createdAt", ${row}."updatedAt"`)}) >= ${DateTime.formatIso(since)}::text::timestamptz`

const isOldEnough = (sql: SqlClient.SqlClient, row: string) =>
  sql.literal(`coalesce(${row}."createdAt", '-infinity') < clock_timestamp() - ${minimumAge} AND ${row}."updatedAt" < clock_timestamp() - ${minimumAge}`)

/**
 * Rows without a known job, fair by tenant; then rows with one, the ones looked at longest ago first. Columns of `open`:
 * "tenantId", id, created, "jobIds", tries, "reconciledAt", "checkedAt".
 */
const picked = (sql: SqlClient.SqlClient, { most, mostChecked }: CandidateQuery) =>
  sql`due AS MATERIALIZED (
      SELECT *, cardinality("jobIds") > 0 AS known FROM open
      WHERE "reconciledAt" IS NULL OR "reconciledAt" + ${sql.literal(firstCheck)} * 2 ^ least(greatest(tries - 1, 0), ${sql.literal(String(mostDoublings))}) <= clock_timestamp()
    ), turns AS (
      SELECT *, row_number() OVER (PARTITION BY "tenantId" ORDER BY created, id) AS turn FROM due WHERE NOT known
    ), picked AS (
      (SELECT "tenantId", id, tries, "jobIds", row_number() OVER (ORDER BY turn, created, id) AS place FROM turns ORDER BY turn, created, id LIMIT ${most})
      UNION ALL
      (SELECT "tenantId", id, tries, "jobIds", ${most} + row_number() OVER (ORDER BY coalesce("checkedAt", "reconciledAt", created), id) FROM due
        WHERE known AND ("checkedAt" IS NULL OR "checkedAt" + ${sql.literal(nextCheck)} <= clock_timestamp())
        ORDER BY coalesce("checkedAt", "reconciledAt", created), id LIMIT ${mostChecked})
    )`

/**
 * Invoices in `nouveau` or `processing`, and ended ones that somebody asked to have read again, of tenants that have
 * invoices switched on now. Nobody is at them. A job that found the feature off has ended; it is no job any more.
 */
export const invoiceCandidates = (sql: SqlClient.SqlClient, queue: QueueName, query: CandidateQuery) =>
  sql`WITH open AS (
      SELECT i."tenantId", i.id, i."createdAt"::timestamptz AS created,
        CASE WHEN k.skipped THEN '{}' ELSE array_remove(ARRAY[
          CASE WHEN k.now THEN c."reconcileJobId" END,
          CASE WHEN c."updatedAt" >= ${sinceOf(sql, queue, query.incarnation)} THEN c."jobId" END
        ], NULL) END AS "jobIds",
        CASE WHEN k.now THEN c."reconcileCount" ELSE 0 END AS tries,
        CASE WHEN k.now THEN c."reconciledAt" END AS "reconciledAt",
        c."reconcileCheckedAt" AS "checkedAt"
      FROM invoices i
      JOIN tenants t ON t.id = i."tenantId"
      LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = i."tenantId" AND c."invoiceId" = i.id
      CROSS JOIN LATERAL (SELECT coalesce(c."reconcileIncarnation" = ${query.incarnation}, false) AS now,
        coalesce(c."skippedAt" >= coalesce(greatest(c."reconciledAt", CASE WHEN c."jobId" IS NOT NULL THEN c."updatedAt" END), '-infinity'), false) AS skipped) k
      WHERE (i.status::text IN ('nouveau', 'processing')
          OR (i.status::text IN ('processed', 'error') AND c.generation > greatest(1, c."processedGeneration", c."failedGeneration")))
        AND NOT coalesce(i.archived, false)
        AND t.features->'invoices' = 'true'::jsonb
        AND (c."invoiceId" IS NOT NULL OR ${isOurs(sql, "i", query)})
        AND ${isOldEnough(sql, "i")}
        AND ((c."jobId" IS NULL AND coalesce(c.generation, 1) = 1) OR c."updatedAt" < clock_timestamp() - ${sql.literal(minimumAge)})
        AND (c."skippedAt" IS NULL OR c."skippedAt" < clock_timestamp() - ${sql.literal(minimumAge)})
        AND (c."leaseUntil" IS NULL OR c."leaseUntil" < clock_timestamp() - ${sql.literal(leaseGrace)})
    ), ${picked(sql, query)}
    SELECT p."tenantId", p.id, p.tries, p."jobIds", coalesce(c.generation, 1) AS generation
    FROM picked p LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = p."tenantId" AND c."invoiceId" = p.id
    ORDER BY p.place`

/** Deliveries that are not over, whose webhook is still there and the same tenant's. */
export const deliveryCandidates = (sql: SqlClient.SqlClient, queue: QueueName, query: CandidateQuery) =>
  sql`WITH open AS (
      SELECT d."tenantId", d.id, coalesce(d."createdAt", d."updatedAt")::timestamptz AS created,
        array_remove(ARRAY[
          CASE WHEN k.now THEN r."reconcileJobId" END,
          CASE WHEN d."updatedAt" >= ${sinceOf(sql, queue, query.incarnation)} THEN coalesce(d."jobId", CASE WHEN d."eventId" IS NOT NULL THEN d.id END) END
        ], NULL) AS "jobIds",
        CASE WHEN k.now THEN r."reconcileCount" ELSE 0 END AS tries,
        CASE WHEN k.now THEN r."reconciledAt" END AS "reconciledAt",
        r."reconcileCheckedAt" AS "checkedAt"
      FROM webhook_deliveries d
      JOIN webhooks w ON w.id = d."webhookId" AND w."tenantId" = d."tenantId"
      LEFT JOIN tt_worker.delivery_reconciliation r ON r."tenantId" = d."tenantId" AND r."deliveryId" = d.id
      CROSS JOIN LATERAL (SELECT coalesce(r."reconcileIncarnation" = ${query.incarnation}, false) AS now) k
      WHERE ${sql.literal(wantsJob)}
        AND (r."deliveryId" IS NOT NULL OR ${isOurs(sql, "d", query)})
        AND ${isOldEnough(sql, "d")}
        AND jsonb_typeof(d.payload) = 'object'
    ), ${picked(sql, query)}
    SELECT p."tenantId", p.id, p.tries, p."jobIds", d."webhookId", d.event, CASE WHEN d.body IS NULL THEN d.payload ELSE '{}' END AS payload,
      tt_worker.origin_of(w.url) AS url
    FROM picked p
    JOIN webhook_deliveries d ON d."tenantId" = p."tenantId" AND d.id = p.id
    JOIN webhooks w ON w.id = d."webhookId" AND w."tenantId" = p."tenantId"
    ORDER BY p.place`

export const recordEnqueued = (sql: SqlClient.SqlClient, what: Reconciled, incarnation: string, rows: ReadonlyArray<Enqueued>) => {
  const table = sql.literal(tables[what])
  const id = sql(idColumns[what])
  return sql`INSERT INTO ${table} AS known ("tenantId", ${id}, "reconciledAt", "reconcileCount", "reconcileJobId", "reconcileIncarnation")
    SELECT e.tenant, e.id, clock_timestamp(), 1, e.job, ${incarnation}
    FROM json_to_recordset(${JSON.stringify(rows.map(({ id, jobId, tenantId }) => ({ tenant: tenantId, id, job: jobId })))}::text::json) AS e(tenant text, id text, job text)
    ORDER BY e.tenant, e.id
    ON CONFLICT ("tenantId", ${id}) DO UPDATE SET
      "reconciledAt" = excluded."reconciledAt", "reconcileJobId" = excluded."reconcileJobId",
      "reconcileCount" = CASE WHEN known."reconcileIncarnation" = excluded."reconcileIncarnation" THEN known."reconcileCount" + 1 ELSE 1 END,
      "reconcileIncarnation" = excluded."reconcileIncarnation"`
}

export const recordAlive = (sql: SqlClient.SqlClient, what: Reconciled, rows: ReadonlyArray<{ readonly tenantId: string; readonly id: string }>) =>
  sql`UPDATE ${sql.literal(tables[what])} known SET "reconcileCheckedAt" = clock_timestamp()
    FROM json_to_recordset(${JSON.stringify(rows.map(({ id, tenantId }) => ({ tenant: tenantId, id })))}::text::json) AS e(tenant text, id text)
    WHERE known."tenantId" = e.tenant AND known.${sql(idColumns[what])} = e.id`

const incarnationKey = (queue: QueueName): string => `incarnation:${queue}`

/** The first one that is ever seen has been there since the worker moved in. */
export const noteIncarnation = (sql: SqlClient.SqlClient, queue: QueueName, incarnation: string) =>
  sql`INSERT INTO tt_worker.settings (key, value, "updatedAt")
    VALUES (${incarnationKey(queue)}, ${incarnation}, coalesce(${sql.literal(movedIn)}, now()))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = clock_timestamp() WHERE settings.value <> excluded.value`

export const tryLock = (sql: SqlClient.SqlClient, work: string) =>
  sql`SELECT pg_try_advisory_xact_lock(${sql.literal(String(lockClass))}, hashtext(${work})) AS got`

/** "ttrc" in ASCII: any number that no other program uses. */
const lockClass = 0x74747263
