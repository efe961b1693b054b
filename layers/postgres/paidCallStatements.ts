import type * as SqlClient from "effect/sql/SqlClient"
import { engineKey, type ProviderUsage } from "../../src/domain/ProviderEngine.ts"
import type { PaidStepKey } from "../../src/services/PaidCalls.ts"

/** "ttpc" in ASCII: any number that no other program uses. */
const lockClass = 0x74747063

/** One tenant's book is written by one at a time: its sums, its limit and its kept answers belong together. */
export const lockBook = (sql: SqlClient.SqlClient, tenantId: string) =>
  sql`SELECT pg_advisory_xact_lock(${sql.literal(String(lockClass))}, hashtext(${tenantId}))`

const isOfKey = (sql: SqlClient.SqlClient, key: PaidStepKey) =>
  sql`k."tenantId" = ${key.claim.tenantId} AND k.sha256 = ${key.sha256} AND k.step = ${key.step}
    AND k.engine = ${engineKey(key.engine)} AND k.input = ${key.input}`

/**
 * The tenant's setting, the kept answer where it counts for this invoice, and whether somebody else is at this call
 * now: alive as long as its claim on its invoice is.
 */
export const look = (sql: SqlClient.SqlClient, key: PaidStepKey) =>
  sql`SELECT t.features->>'processing' AS processing,
      CASE WHEN k."answeredAt" >= (CASE WHEN ${key.canBeAskedAgain} THEN coalesce(c."askAgainSince", '-infinity') ELSE '-infinity' END)
        AND (k."isGood" OR (k."invoiceId" = ${key.claim.invoiceId} AND k."jobId" = c."jobId")) THEN k.answer END AS answer,
      k."callId"::text AS "callId",
      (k."callId" IS NOT NULL AND k."holderInvoiceId" <> ${key.claim.invoiceId}
        AND h.holder IS NOT NULL AND h."leaseUntil" > clock_timestamp()) IS TRUE AS "isBusy"
    FROM tenants t
    LEFT JOIN tt_worker.kept_answers k ON ${isOfKey(sql, key)}
    LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = t.id AND c."invoiceId" = ${key.claim.invoiceId}
    LEFT JOIN tt_worker.invoice_claims h ON h."tenantId" = k."tenantId" AND h."invoiceId" = k."holderInvoiceId" AND h.epoch = k."holderEpoch"
    WHERE t.id = ${key.claim.tenantId}`

const thisMonth = `date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date`

/** What the tenant has spent and reserved this month, in millionths, and how many milliseconds are left of it. */
export const spentThisMonth = (sql: SqlClient.SqlClient, tenantId: string) =>
  sql`SELECT coalesce(sum(u."costMicros" + u."reservedMicros" + u."uncertainMicros"), 0)::float8 AS spent,
      ceil(extract(epoch FROM (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + interval '1 month') - clock_timestamp() AT TIME ZONE 'UTC') * 1000)::float8 AS "millisLeft"
    FROM (SELECT ${sql.literal(thisMonth)} AS month) m
    LEFT JOIN tt_worker.usage_months u ON u."tenantId" = ${tenantId} AND u.month = m.month`

export const insertCall = (sql: SqlClient.SqlClient, key: PaidStepKey, reserve: number) =>
  sql`INSERT INTO tt_worker.provider_calls ("tenantId", "invoiceId", month, step, provider, model, region, state, "reservedMicros")
    VALUES (${key.claim.tenantId}, ${key.claim.invoiceId}, ${sql.literal(thisMonth)}, ${key.step}, ${key.engine.provider}, ${key.engine.model},
      ${key.engine.region}, 'begun', ${reserve}::float8::bigint)
    RETURNING id::text AS id`

/** The call is under way: who looks for its answer meets its holder. An answer from before stays until the new one comes. */
export const holdAnswer = (sql: SqlClient.SqlClient, key: PaidStepKey, callId: string) =>
  sql`INSERT INTO tt_worker.kept_answers ("tenantId", sha256, step, engine, input, "callId", "holderInvoiceId", "holderEpoch")
    VALUES (${key.claim.tenantId}, ${key.sha256}, ${key.step}, ${engineKey(key.engine)}, ${key.input}, ${callId}::text::bigint,
      ${key.claim.invoiceId}, ${key.claim.epoch.toString()}::text::bigint)
    ON CONFLICT ("tenantId", sha256, step, engine, input) DO UPDATE
      SET "callId" = excluded."callId", "holderInvoiceId" = excluded."holderInvoiceId", "holderEpoch" = excluded."holderEpoch",
        "heldAt" = excluded."heldAt"`

/** Also the answer of one that was thought dead, unless a newer call has answered meanwhile. */
export const keepAnswer = (sql: SqlClient.SqlClient, key: PaidStepKey, callId: string, answer: string, isGood: boolean) =>
  sql`UPDATE tt_worker.kept_answers k SET answer = ${answer}, "isGood" = ${isGood}, "answeredAt" = clock_timestamp(),
      "invoiceId" = ${key.claim.invoiceId},
      "jobId" = (SELECT c."jobId" FROM tt_worker.invoice_claims c WHERE c."tenantId" = k."tenantId" AND c."invoiceId" = ${key.claim.invoiceId}),
      "callId" = CASE WHEN k."callId" = ${callId}::text::bigint THEN NULL ELSE k."callId" END
    WHERE ${isOfKey(sql, key)} AND (k."callId" = ${callId}::text::bigint OR k.answer IS NULL)`

export const letGoOfAnswer = (sql: SqlClient.SqlClient, key: PaidStepKey, callId: string) =>
  sql`UPDATE tt_worker.kept_answers k SET "callId" = NULL WHERE ${isOfKey(sql, key)} AND k."callId" = ${callId}::text::bigint`

/** How a call ended; `costMicros` null leaves its reservation counted. */
export interface CallEnd {
  readonly state: "answered" | "failed" | "uncertain"
  readonly usage: ProviderUsage
  readonly cost: number
  readonly errorCode: string | null
}

/**
 * Moves calls to their end, and with them the sums of their months: what they were counted as before is taken back.
 * A call that has its end already is left alone, except that an answer may still come for an uncertain one.
 */
const endCalls = (sql: SqlClient.SqlClient, which: ReturnType<SqlClient.SqlClient["literal"]>, end: CallEnd) =>
  sql`WITH before AS (
      SELECT id, state FROM tt_worker.provider_calls
      WHERE ${which} AND (state = 'begun' OR (state = 'uncertain' AND ${end.state} = 'answered')) FOR UPDATE
    ), ended AS (
      UPDATE tt_worker.provider_calls c SET state = ${end.state}, "costMicros" = ${end.cost}::float8::bigint, pages = ${end.usage.pages},
        "inputTokens" = ${end.usage.inputTokens}, "outputTokens" = ${end.usage.outputTokens}, "errorCode" = ${end.errorCode}, "endedAt" = clock_timestamp()
      FROM before b WHERE c.id = b.id
      RETURNING c.*, b.state AS was
    ), sums AS (
      SELECT "tenantId", month, provider, model, region,
        count(*) FILTER (WHERE was = 'begun') AS begun, count(*) FILTER (WHERE was = 'uncertain') AS doubted, count(*) AS calls,
        sum("reservedMicros") FILTER (WHERE was = 'begun') AS reserved, sum("reservedMicros") FILTER (WHERE was = 'uncertain') AS "doubtedMicros",
        sum("reservedMicros") AS all_reserved, sum("costMicros") AS cost, sum(pages) AS pages, sum("inputTokens") AS input, sum("outputTokens") AS output
      FROM ended GROUP BY 1, 2, 3, 4, 5
    )
    UPDATE tt_worker.usage_months u SET
      begun = u.begun - s.begun,
      answered = u.answered + CASE WHEN ${end.state} = 'answered' THEN s.calls ELSE 0 END,
      failed = u.failed + CASE WHEN ${end.state} = 'failed' THEN s.calls ELSE 0 END,
      uncertain = u.uncertain - s.doubted + CASE WHEN ${end.state} = 'uncertain' THEN s.calls ELSE 0 END,
      pages = u.pages + s.pages, "inputTokens" = u."inputTokens" + s.input, "outputTokens" = u."outputTokens" + s.output,
      "costMicros" = u."costMicros" + s.cost,
      "reservedMicros" = u."reservedMicros" - coalesce(s.reserved, 0),
      "uncertainMicros" = u."uncertainMicros" - coalesce(s."doubtedMicros", 0) + CASE WHEN ${end.state} = 'uncertain' THEN s.all_reserved ELSE 0 END
    FROM sums s
    WHERE u."tenantId" = s."tenantId" AND u.month = s.month AND u.provider = s.provider AND u.model = s.model AND u.region = s.region
    RETURNING u."tenantId"`

export const countBegun = (sql: SqlClient.SqlClient, callId: string) =>
  sql`INSERT INTO tt_worker.usage_months AS u ("tenantId", month, provider, model, region, begun, "reservedMicros")
    SELECT "tenantId", month, provider, model, region, 1, "reservedMicros" FROM tt_worker.provider_calls WHERE id = ${callId}::text::bigint
    ON CONFLICT ("tenantId", month, provider, model, region) DO UPDATE
      SET begun = u.begun + 1, "reservedMicros" = u."reservedMicros" + excluded."reservedMicros"`

export const endCall = (sql: SqlClient.SqlClient, tenantId: string, callId: string, end: CallEnd) =>
  endCalls(sql, sql`"tenantId" = ${tenantId} AND id = ${callId}::text::bigint`, end)

export const noteReader = (
  sql: SqlClient.SqlClient,
  at: Pick<PaidStepKey, "claim" | "sha256" | "step">,
  reader: { readonly provider: string; readonly model: string | null; readonly region: string | null },
  reused: boolean
) =>
  sql`INSERT INTO tt_worker.invoice_readers ("tenantId", "invoiceId", step, sha256, provider, model, region, reused)
    VALUES (${at.claim.tenantId}, ${at.claim.invoiceId}, ${at.step}, ${at.sha256}, ${reader.provider}, ${reader.model}, ${reader.region}, ${reused})
    ON CONFLICT ("tenantId", "invoiceId", step) DO UPDATE SET sha256 = excluded.sha256, provider = excluded.provider,
      model = excluded.model, region = excluded.region, reused = excluded.reused, "readAt" = excluded."readAt"`

/** Calls whose process has died without anybody taking their place; sweeps over tenants by one. */
export const staleCalls = (sql: SqlClient.SqlClient, olderThanMillis: number, limit: number) =>
  sql`SELECT id::text AS id, "tenantId" FROM tt_worker.provider_calls
    WHERE state = 'begun' AND "startedAt" < clock_timestamp() - ${olderThanMillis} * interval '1 millisecond' ORDER BY id LIMIT ${limit}`
