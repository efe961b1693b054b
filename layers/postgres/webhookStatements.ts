import { DateTime } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { DeliveryClaim, DeliveryIds, ReplayFilter } from "../../src/services/WebhookDeliveries.ts"

/** As the columns of the shared tables have it: UTC without a zone. */
const now = `(clock_timestamp() AT TIME ZONE 'UTC')`
const inMillis = (millis: string) => `${now} + ${millis} * interval '1 millisecond'`
const millisUntil = (moment: string) => `greatest(1, ceil(extract(epoch FROM ${moment} - clock_timestamp()) * 1000))::bigint`

/** A delivery in one of these wants a job; every other state is final. */
export const openStates = `('pending', 'delivering', 'unknown')`

/** What a job brings along for its delivery. `n` is its place in the answer. */
export interface ClaimInput {
  readonly n: number
  readonly tenant: string
  readonly id: string
  readonly job: string
  readonly lease: number
  /** Kept where the row has no body yet. */
  readonly body: string
  readonly hash: string
}

/**
 * True for each, and by it the planner expects few of them. It would expect a hundred, and read a whole table that was small
 * when the statement was prepared, long after it has grown.
 */
const few = "a.n BETWEEN 0 AND 999"

/** Order among those with one key: as they were emitted. */
const place = (row: string) => `(coalesce(${row}."orderingSequence", 0), coalesce(${row}."createdAt", '-infinity'), ${row}.id)`

/** A delivery of the former worker's time that nobody but its job speaks for. */
const isOld = `f."eventId" IS NULL
  AND coalesce(f."createdAt", '-infinity') < (SELECT value::timestamptz FROM tt_worker.settings WHERE key = 'moved_in_at')
  AND NOT EXISTS (SELECT 1 FROM tt_worker.delivery_reconciliation r WHERE r."tenantId" = f.tenant AND r."deliveryId" = f.id)`

/**
 * Decides about each delivery and takes those that may be carried out now, in one statement: locked in one order, judged
 * by their newest version, written at once. Columns of webhooks that the API has made nullable count as their default.
 *
 * Not waited for until it is on the disk: a claim that a crash of the server loses is taken again, and the delivery is
 * made twice, as it is when the worker dies.
 */
export const claimDeliveries = (sql: SqlClient.SqlClient, asked: ReadonlyArray<ClaimInput>) =>
  sql`WITH asked AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(asked)}::text::json) AS a(n int, tenant text, id text, job text, lease float8, body text, hash text)
      WHERE ${sql.literal(few)}
    ), found AS MATERIALIZED (
      SELECT a.n, a.tenant, a.id, a.job, a.lease, a.body AS "jobBody", a.hash AS "jobHash", d."webhookId", d.status::text AS status, d."eventId", d."createdAt",
        d."orderingKey", d."orderingSequence", d."leaseUntil", d."nextAttemptAt", d."jobId"
      FROM asked a JOIN webhook_deliveries d ON d.id = a.id AND d."tenantId" = a.tenant
      ORDER BY d.id FOR UPDATE OF d
    ), judged AS MATERIALIZED (
      SELECT f.*, w.id IS NOT NULL AS known, w.url, w.secret, w."retrySchedule", w."maxConcurrency", w."maxPerMinute", h."pausedUntil", h."failingSince" IS NOT NULL AS failing,
        CASE WHEN w."previousSecretUntil" > clock_timestamp() THEN w."previousSecret" END AS "previousSecret",
        w.ordering = 'key' AND f."orderingKey" IS NOT NULL AS ordered,
        CASE
          WHEN f.status NOT IN ${sql.literal(openStates)} THEN 'finished'
          WHEN row_number() OVER (PARTITION BY f.id ORDER BY f.n) > 1 THEN 'busy'
          WHEN w.id IS NULL AND NOT (${sql.literal(isOld)}) THEN 'webhook-deleted'
          WHEN w.id IS NOT NULL AND NOT coalesce(w.active, true) THEN 'webhook-inactive'
          -- The queue runs a job once at a time: a claim of the same job is a dead one.
          WHEN f.status = 'delivering' AND f."leaseUntil" > clock_timestamp() AND f."jobId" IS DISTINCT FROM f.job THEN 'busy'
          WHEN f.status = 'delivering' THEN 'interrupted'
          WHEN f."nextAttemptAt" > clock_timestamp() + interval '20 milliseconds' THEN 'early'
          WHEN h."pausedUntil" > clock_timestamp() THEN 'paused'
          WHEN w.ordering = 'key' AND f."orderingKey" IS NOT NULL AND EXISTS (
            SELECT 1 FROM webhook_deliveries e
            WHERE e."webhookId" = f."webhookId" AND e."orderingKey" = f."orderingKey" AND e."tenantId" = f.tenant
              AND e.status::text IN ${sql.literal(openStates)} AND ${sql.literal(place("e"))} < ${sql.literal(place("f"))}
          ) THEN 'behind'
          WHEN w."disabledAt" IS NOT NULL AND h."webhookId" IS NOT NULL THEN 'probe'
          ELSE 'claim'
        END AS decision
      FROM found f
      LEFT JOIN webhooks w ON w.id = f."webhookId" AND w."tenantId" = f.tenant
      LEFT JOIN tt_worker.webhook_health h ON h."tenantId" = f.tenant AND h."webhookId" = f."webhookId"
    ), probes AS (
      UPDATE tt_worker.webhook_health h SET "probeUntil" = clock_timestamp() + p.lease * interval '1 millisecond'
      FROM (SELECT DISTINCT ON (tenant, "webhookId") tenant, "webhookId", n, lease FROM judged WHERE decision = 'probe' ORDER BY tenant, "webhookId", n) p
      WHERE h."tenantId" = p.tenant AND h."webhookId" = p."webhookId" AND (h."probeUntil" IS NULL OR h."probeUntil" < clock_timestamp())
      RETURNING p.n
    ), decided AS MATERIALIZED (
      SELECT j.*, CASE WHEN j.decision <> 'probe' THEN j.decision WHEN p.n IS NULL THEN 'probing' ELSE 'claim' END AS answer, p.n IS NOT NULL AS probe
      FROM judged j LEFT JOIN probes p ON p.n = j.n
    ), changed AS (
      UPDATE webhook_deliveries d SET
        status = CASE c.answer WHEN 'claim' THEN 'delivering' WHEN 'interrupted' THEN 'unknown' ELSE 'cancelled' END,
        body = coalesce(d.body, c."jobBody"), "bodyHash" = CASE WHEN d.body IS NULL THEN c."jobHash" ELSE d."bodyHash" END,
        "claimEpoch" = d."claimEpoch" + 1,
        "attemptNumber" = d."attemptNumber" + CASE WHEN c.answer = 'claim' THEN 1 ELSE 0 END,
        "attemptStartedAt" = CASE WHEN c.answer = 'claim' THEN ${sql.literal(now)} ELSE d."attemptStartedAt" END,
        "leaseUntil" = CASE WHEN c.answer = 'claim' THEN clock_timestamp() + c.lease * interval '1 millisecond' END,
        "nextAttemptAt" = NULL, "jobId" = c.job,
        "errorClass" = CASE c.answer WHEN 'claim' THEN d."errorClass" ELSE c.answer END,
        "errorMessage" = CASE c.answer WHEN 'claim' THEN d."errorMessage"
          WHEN 'interrupted' THEN 'The delivery was broken off in the middle; whether it arrived is not known. It will be tried again.'
          WHEN 'webhook-deleted' THEN 'The webhook has been deleted.' ELSE 'The webhook is switched off.' END,
        "finishedAt" = CASE WHEN c.answer IN ('webhook-deleted', 'webhook-inactive') THEN ${sql.literal(now)} END,
        replaying = CASE WHEN c.answer IN ('webhook-deleted', 'webhook-inactive') THEN false ELSE d.replaying END,
        "updatedAt" = ${sql.literal(now)}
      FROM decided c
      WHERE d.id = c.id AND d."tenantId" = c.tenant AND c.answer IN ('claim', 'interrupted', 'webhook-deleted', 'webhook-inactive')
      RETURNING c.n, d."claimEpoch", d."attemptNumber", d.body, d."bodyHash", d.event, d.replaying, d."attemptStartedAt"
    ), broken_off AS (
      INSERT INTO tt_worker.webhook_attempts ("tenantId", "deliveryId", "claimEpoch", "webhookId", "attemptNumber", replay, "startedAt", outcome, "errorClass")
      SELECT c.tenant, c.id, u."claimEpoch" - 1, c."webhookId", u."attemptNumber", u.replaying, coalesce(u."attemptStartedAt"::timestamptz, clock_timestamp()), 'unknown', 'interrupted'
      FROM changed u JOIN decided c ON c.n = u.n WHERE c.answer = 'interrupted'
      ON CONFLICT DO NOTHING
    )
    SELECT c.n, c.answer, c.status, c."webhookId", c.url, c.secret, c."previousSecret", c.known, c."retrySchedule", c."maxConcurrency", c."maxPerMinute", c.ordered, c.probe, c.failing, c."eventId",
      u."claimEpoch"::text AS epoch, u."attemptNumber" AS attempt, u.body, u."bodyHash", u.event, u.replaying AS replay,
      (CASE c.answer
        WHEN 'busy' THEN ${sql.literal(millisUntil(`c."leaseUntil"`))}
        WHEN 'early' THEN ${sql.literal(millisUntil(`c."nextAttemptAt"::timestamptz`))}
        WHEN 'paused' THEN ${sql.literal(millisUntil(`c."pausedUntil"`))}
      END)::float8 AS "afterMillis"
    FROM decided c LEFT JOIN changed u ON u.n = c.n CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS quick`

/** One attempt as it is written; `epoch` as text, times in milliseconds. */
export interface RecordInput {
  readonly n: number
  readonly tenant: string
  readonly id: string
  readonly webhook: string
  readonly epoch: string
  readonly outcome: string
  readonly next: number | null
  readonly pause: number | null
  /** It says something about the endpoint's health. */
  readonly counts: boolean
  readonly status: number | null
  readonly class: string | null
  readonly message: string | null
  readonly address: string | null
  readonly timings: Readonly<Record<string, number | null>>
  readonly asked: Readonly<Record<string, string>>
  readonly answered: Readonly<Record<string, string>>
  readonly excerpt: string | null
  readonly cut: boolean
  readonly retry: number | null
  readonly trace: string | null
}

/** Writes attempts and what follows from them; a claim that is not the newest any more writes nothing. */
export const recordAttempts = (sql: SqlClient.SqlClient, attempts: ReadonlyArray<RecordInput>) =>
  sql`WITH r AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(attempts)}::text::json) AS a(n int, tenant text, id text, webhook text, epoch bigint, outcome text, next float8, pause float8,
        counts boolean, status int, class text, message text, address text, timings jsonb, asked jsonb, answered jsonb, excerpt text, cut boolean, retry float8, trace text)
      WHERE ${sql.literal(few)}
    ), written AS (
      UPDATE webhook_deliveries d SET
        status = CASE WHEN r.outcome = 'delivered' THEN 'delivered' WHEN r.next IS NULL THEN 'failed' ELSE 'pending' END,
        "responseStatus" = r.status, "durationMs" = round((r.timings->>'total')::float8)::int,
        "attemptNumber" = d."attemptNumber" - CASE WHEN r.outcome = 'own-side' THEN 1 ELSE 0 END,
        "nextAttemptAt" = ${sql.literal(inMillis("r.next"))}, "leaseUntil" = NULL,
        "finishedAt" = CASE WHEN r.next IS NULL THEN ${sql.literal(now)} END,
        "errorClass" = r.class, "errorMessage" = r.message, timings = r.timings, "requestHeaders" = r.asked, "responseHeaders" = r.answered,
        "responseExcerpt" = r.excerpt, "traceId" = r.trace, replaying = d.replaying AND r.next IS NOT NULL, "updatedAt" = ${sql.literal(now)}
      FROM r WHERE d.id = r.id AND d."tenantId" = r.tenant AND d."claimEpoch" = r.epoch AND d.status::text = 'delivering'
      RETURNING r.n, d."attemptNumber", d."attemptStartedAt"
    ), attempts AS (
      INSERT INTO tt_worker.webhook_attempts ("tenantId", "deliveryId", "claimEpoch", "webhookId", "attemptNumber", replay, "startedAt", outcome, "responseStatus", "errorClass",
        "errorMessage", address, "dnsMs", "connectMs", "tlsMs", "firstByteMs", "totalMs", "requestHeaders", "responseHeaders", "responseExcerpt", "responseCut", "retryAfterMs", "traceId")
      SELECT r.tenant, r.id, r.epoch, r.webhook, u."attemptNumber" + CASE WHEN r.outcome = 'own-side' THEN 1 ELSE 0 END, NOT r.counts AND r.outcome <> 'own-side',
        coalesce(u."attemptStartedAt"::timestamptz, clock_timestamp()), r.outcome, r.status, r.class, r.message, r.address,
        (r.timings->>'dns')::real, (r.timings->>'connect')::real, (r.timings->>'tls')::real, (r.timings->>'firstByte')::real, (r.timings->>'total')::real,
        r.asked, r.answered, r.excerpt, r.cut, r.retry::bigint, r.trace
      FROM r JOIN written u ON u.n = r.n
    ), told AS (
      SELECT r.tenant, r.webhook, count(*) FILTER (WHERE r.counts AND r.outcome = 'failed') AS failed, count(*) FILTER (WHERE r.counts AND r.outcome = 'delivered') AS delivered,
        max(r.class) FILTER (WHERE r.outcome = 'failed') AS class, max(r.pause) AS pause
      FROM r JOIN written u ON u.n = r.n GROUP BY r.tenant, r.webhook
    ), worse AS (
      INSERT INTO tt_worker.webhook_health AS h ("tenantId", "webhookId", "failingSince", failures, successes, "lastFailureAt", "lastErrorClass", "pausedUntil")
      SELECT tenant, webhook, CASE WHEN failed > 0 THEN clock_timestamp() END, failed, delivered, clock_timestamp(), class, clock_timestamp() + pause * interval '1 millisecond'
      FROM told WHERE failed > 0 OR pause IS NOT NULL ORDER BY tenant, webhook
      ON CONFLICT ("tenantId", "webhookId") DO UPDATE SET
        "failingSince" = coalesce(h."failingSince", excluded."failingSince"), failures = h.failures + excluded.failures, successes = h.successes + excluded.successes,
        "successStreak" = CASE WHEN excluded.failures > 0 THEN 0 ELSE h."successStreak" END, "lastFailureAt" = excluded."lastFailureAt",
        "lastErrorClass" = coalesce(excluded."lastErrorClass", h."lastErrorClass"), "pausedUntil" = greatest(h."pausedUntil", excluded."pausedUntil")
      RETURNING *
    ), better AS (
      UPDATE tt_worker.webhook_health h SET successes = h.successes + t.delivered, "successStreak" = h."successStreak" + t.delivered
      FROM told t WHERE t.failed = 0 AND t.pause IS NULL AND t.delivered > 0 AND h."tenantId" = t.tenant AND h."webhookId" = t.webhook AND h."failingSince" IS NOT NULL
      RETURNING h.*
    ), health AS (SELECT * FROM worse WHERE "failingSince" IS NOT NULL UNION ALL SELECT * FROM better)
    SELECT r.n, u.n IS NOT NULL AS written, (extract(epoch FROM clock_timestamp() - h."failingSince") * 1000)::float8 AS "failingMillis",
      h.failures, h.successes, h."successStreak", h."warnedAt" IS NOT NULL AS warned
    FROM r LEFT JOIN written u ON u.n = r.n LEFT JOIN health h ON h."tenantId" = r.tenant AND h."webhookId" = r.webhook`

const claimIs = (sql: SqlClient.SqlClient, claim: DeliveryClaim) =>
  sql`d."tenantId" = ${claim.tenantId} AND d.id = ${claim.deliveryId} AND d."claimEpoch" = ${claim.epoch.toString()}::text::bigint AND d.status::text = 'delivering'`

export const putBack = (sql: SqlClient.SqlClient, claim: DeliveryClaim, afterMillis: number) =>
  sql`UPDATE webhook_deliveries d SET status = 'pending', "attemptNumber" = d."attemptNumber" - 1, "leaseUntil" = NULL,
      "nextAttemptAt" = ${sql.literal(now)} + ${afterMillis} * interval '1 millisecond', "updatedAt" = ${sql.literal(now)}
    WHERE ${claimIs(sql, claim)}`

export const markUnknown = (sql: SqlClient.SqlClient, claim: DeliveryClaim, afterMillis: number) =>
  sql`WITH left_off AS (
      UPDATE webhook_deliveries d SET status = 'unknown', "leaseUntil" = NULL, "errorClass" = 'interrupted',
        "errorMessage" = 'The delivery was broken off in the middle; whether it arrived is not known. It will be tried again.',
        "nextAttemptAt" = ${sql.literal(now)} + ${afterMillis} * interval '1 millisecond', "updatedAt" = ${sql.literal(now)}
      WHERE ${claimIs(sql, claim)}
      RETURNING d.*
    )
    INSERT INTO tt_worker.webhook_attempts ("tenantId", "deliveryId", "claimEpoch", "webhookId", "attemptNumber", replay, "startedAt", outcome, "errorClass")
    SELECT "tenantId", id, "claimEpoch", "webhookId", "attemptNumber", replaying, coalesce("attemptStartedAt"::timestamptz, clock_timestamp()), 'unknown', 'interrupted' FROM left_off`

export const closeDelivery = (sql: SqlClient.SqlClient, tenantId: string, deliveryId: string, errorClass: string, errorMessage: string) =>
  sql`UPDATE webhook_deliveries SET status = 'failed', "leaseUntil" = NULL, "nextAttemptAt" = NULL, replaying = false, "claimEpoch" = "claimEpoch" + 1,
      "errorClass" = ${errorClass}, "errorMessage" = ${errorMessage}, "finishedAt" = ${sql.literal(now)}, "updatedAt" = ${sql.literal(now)}
    WHERE "tenantId" = ${tenantId} AND id = ${deliveryId} AND status::text IN ${sql.literal(openStates)}`

/** The first of those that are left with this delivery's key, where it waits for its turn. */
export const nextInOrder = (sql: SqlClient.SqlClient, { deliveryId, tenantId }: DeliveryIds) =>
  sql`SELECT e.id, e."webhookId", e.event, CASE WHEN e.body IS NULL THEN e.payload ELSE '{}' END AS payload
    FROM webhook_deliveries d JOIN webhook_deliveries e ON e."webhookId" = d."webhookId" AND e."orderingKey" = d."orderingKey" AND e."tenantId" = d."tenantId"
    WHERE d."tenantId" = ${tenantId} AND d.id = ${deliveryId} AND e.status::text IN ${sql.literal(openStates)}
    ORDER BY ${sql.literal(place("e"))} LIMIT 1`

export const reopenDelivery = (sql: SqlClient.SqlClient, { deliveryId, tenantId }: DeliveryIds, jobId: string) =>
  sql`UPDATE webhook_deliveries SET status = 'pending', replaying = true, replays = replays + 1, "attemptNumber" = 0, "finishedAt" = NULL, "jobId" = ${jobId},
      "errorClass" = NULL, "errorMessage" = NULL, "nextAttemptAt" = NULL, "updatedAt" = ${sql.literal(now)}
    WHERE "tenantId" = ${tenantId} AND id = ${deliveryId} AND status::text = 'failed'`

const fits = (sql: SqlClient.SqlClient, filter: ReplayFilter) =>
  sql.and([
    sql`d."tenantId" = ${filter.tenantId}`,
    sql`d.status::text NOT IN ${sql.literal(openStates)}`,
    ...(filter.webhookId === null ? [] : [sql`d."webhookId" = ${filter.webhookId}`]),
    ...(filter.deliveryIds === null ? [] : [sql`d.id = ANY(${filter.deliveryIds}::text[])`]),
    ...(filter.statuses === null ? [] : [sql`d.status::text = ANY(${filter.statuses}::text[])`]),
    ...(filter.event === null ? [] : [sql`d.event = ${filter.event}`]),
    ...(filter.since === null ? [] : [sql`d."createdAt" >= ${DateTime.formatIso(filter.since)}::text::timestamptz`]),
    ...(filter.until === null ? [] : [sql`d."createdAt" < ${DateTime.formatIso(filter.until)}::text::timestamptz`])
  ])

export const countReplayable = (sql: SqlClient.SqlClient, filter: ReplayFilter, limit: number) =>
  sql`SELECT count(*)::int AS count FROM (SELECT 1 FROM webhook_deliveries d JOIN webhooks w ON w.id = d."webhookId" AND w."tenantId" = d."tenantId"
    WHERE ${fits(sql, filter)} LIMIT ${limit}) counted`

/** Opens them again, each with its place in the row of jobs to come. */
export const openAgain = (sql: SqlClient.SqlClient, filter: ReplayFilter, options: { readonly limit: number; readonly startMillis: number; readonly spacingMillis: number }) =>
  sql`WITH picked AS (
      SELECT d.id, d."tenantId", d."createdAt" FROM webhook_deliveries d JOIN webhooks w ON w.id = d."webhookId" AND w."tenantId" = d."tenantId"
      WHERE ${fits(sql, filter)} ORDER BY d."createdAt", d.id LIMIT ${options.limit} FOR UPDATE OF d SKIP LOCKED
    ), placed AS (
      SELECT *, ${options.startMillis} + (row_number() OVER (ORDER BY "createdAt", id) - 1) * ${options.spacingMillis}::float8 AS delay FROM picked
    )
    UPDATE webhook_deliveries d SET status = 'pending', replaying = true, replays = d.replays + 1, "attemptNumber" = 0, "finishedAt" = NULL,
      "errorClass" = NULL, "errorMessage" = NULL, "nextAttemptAt" = ${sql.literal(inMillis("p.delay"))}, "updatedAt" = ${sql.literal(now)}
    FROM placed p WHERE d.id = p.id AND d."tenantId" = p."tenantId"
    RETURNING d.id, d."webhookId", d.event, CASE WHEN d.body IS NULL THEN d.payload ELSE '{}' END AS payload, p.delay`

export const forgetDeliveries = (sql: SqlClient.SqlClient, olderThanMillis: number, limit: number) =>
  sql`WITH gone AS (
      DELETE FROM webhook_deliveries WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM webhook_deliveries
        WHERE "claimEpoch" > 0 AND status::text NOT IN ${sql.literal(openStates)} AND "finishedAt" < ${sql.literal(now)} - ${olderThanMillis}::float8 * interval '1 millisecond'
        LIMIT ${limit} FOR UPDATE SKIP LOCKED))
      RETURNING "tenantId", id
    ), attempts AS (
      DELETE FROM tt_worker.webhook_attempts a USING gone WHERE a."tenantId" = gone."tenantId" AND a."deliveryId" = gone.id
    ), reconciled AS (
      DELETE FROM tt_worker.delivery_reconciliation r USING gone WHERE r."tenantId" = gone."tenantId" AND r."deliveryId" = gone.id
    )
    SELECT count(*)::int AS forgotten FROM gone`
