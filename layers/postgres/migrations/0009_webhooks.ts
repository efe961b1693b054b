import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * What is kept of webhooks and their deliveries. The tables of the API get columns that it may show and fill; each
 * attempt, and how an endpoint has been doing, are the worker's own records.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE webhooks
    ADD COLUMN IF NOT EXISTS ordering text NOT NULL DEFAULT 'none',
    ADD COLUMN IF NOT EXISTS "retrySchedule" integer[],
    ADD COLUMN IF NOT EXISTS "maxConcurrency" integer,
    ADD COLUMN IF NOT EXISTS "maxPerMinute" integer,
    ADD COLUMN IF NOT EXISTS "previousSecret" text,
    ADD COLUMN IF NOT EXISTS "previousSecretUntil" timestamp(3),
    ADD COLUMN IF NOT EXISTS "disabledAt" timestamp(3),
    ADD COLUMN IF NOT EXISTS "disabledReason" text,
    ADD COLUMN IF NOT EXISTS "failingSince" timestamp(3)`
  yield* sql`COMMENT ON COLUMN webhooks.ordering IS 'none, or key: deliveries with the same "orderingKey" go one after the other'`
  yield* sql`COMMENT ON COLUMN webhooks."retrySchedule" IS 'seconds before each further attempt; null for the default'`
  yield* sql`COMMENT ON COLUMN webhooks."previousSecret" IS 'signs beside the secret until "previousSecretUntil", so that the receiver can change over'`
  yield* sql`COMMENT ON COLUMN webhooks."disabledAt" IS 'the worker switched it off then; with active set again, one delivery is tried before the others'`

  yield* sql`ALTER TABLE webhook_deliveries
    ADD COLUMN IF NOT EXISTS "eventId" text,
    ADD COLUMN IF NOT EXISTS "idempotencyKey" text,
    ADD COLUMN IF NOT EXISTS body text,
    ADD COLUMN IF NOT EXISTS "bodyHash" text,
    ADD COLUMN IF NOT EXISTS "orderingKey" text,
    ADD COLUMN IF NOT EXISTS "orderingSequence" bigint,
    ADD COLUMN IF NOT EXISTS "attemptNumber" integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS "attemptStartedAt" timestamp(3),
    ADD COLUMN IF NOT EXISTS "nextAttemptAt" timestamp(3),
    ADD COLUMN IF NOT EXISTS "finishedAt" timestamp(3),
    ADD COLUMN IF NOT EXISTS "errorClass" text,
    ADD COLUMN IF NOT EXISTS "errorMessage" text,
    ADD COLUMN IF NOT EXISTS timings jsonb,
    ADD COLUMN IF NOT EXISTS "requestHeaders" jsonb,
    ADD COLUMN IF NOT EXISTS "responseHeaders" jsonb,
    ADD COLUMN IF NOT EXISTS "responseExcerpt" text,
    ADD COLUMN IF NOT EXISTS "traceId" text,
    ADD COLUMN IF NOT EXISTS "jobId" text,
    ADD COLUMN IF NOT EXISTS replays integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS replaying boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS "claimEpoch" bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS "leaseUntil" timestamptz`
  yield* sql`COMMENT ON COLUMN webhook_deliveries.status IS 'pending, delivering, delivered, failed, unknown (broken off in the middle), cancelled'`
  yield* sql`COMMENT ON COLUMN webhook_deliveries.body IS 'the bytes that are sent and signed, as text: jsonb would change the order of the keys'`
  yield* sql`COMMENT ON COLUMN webhook_deliveries."bodyHash" IS 'SHA-256 of the body in UTF-8, in hex'`
  yield* sql`COMMENT ON COLUMN webhook_deliveries.timings IS 'milliseconds of the last attempt: dns, connect, tls, firstByte, total'`
  yield* sql`COMMENT ON COLUMN webhook_deliveries."claimEpoch" IS 'fencing token: every write of a job names it'`
  yield* sql`COMMENT ON COLUMN webhook_deliveries."jobId" IS 'the job that sees to it, so that a lost one is noticed'`
  yield* sql`CREATE UNIQUE INDEX IF NOT EXISTS "webhook_deliveries_webhookId_eventId_key"
    ON webhook_deliveries ("webhookId", "eventId") WHERE "eventId" IS NOT NULL`
  yield* sql`CREATE INDEX IF NOT EXISTS "webhook_deliveries_ordering_idx"
    ON webhook_deliveries ("webhookId", "orderingKey", "orderingSequence") WHERE "orderingKey" IS NOT NULL`

  // Times have equal values within a transaction, so they are no order.
  yield* sql`CREATE SEQUENCE tt_worker.webhook_order`
  yield* sql`COMMENT ON SEQUENCE tt_worker.webhook_order IS 'webhook_deliveries."orderingSequence" of the deliveries that have an "orderingKey"'`

  yield* sql`CREATE TABLE tt_worker.webhook_attempts (
    "tenantId" text NOT NULL,
    "deliveryId" text NOT NULL,
    "claimEpoch" bigint NOT NULL,
    "webhookId" text NOT NULL,
    "attemptNumber" integer NOT NULL,
    replay boolean NOT NULL DEFAULT false,
    "startedAt" timestamptz NOT NULL,
    outcome text NOT NULL,
    "responseStatus" integer,
    "errorClass" text,
    "errorMessage" text,
    address text,
    "dnsMs" real,
    "connectMs" real,
    "tlsMs" real,
    "firstByteMs" real,
    "totalMs" real,
    "requestHeaders" jsonb,
    "responseHeaders" jsonb,
    "responseExcerpt" text,
    "responseCut" boolean,
    "retryAfterMs" bigint,
    "traceId" text,
    PRIMARY KEY ("tenantId", "deliveryId", "claimEpoch")
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.webhook_attempts.outcome IS 'delivered, failed, unknown, or own-side: a failure of ours that counts as no attempt'`
  yield* sql`CREATE INDEX webhook_attempts_age ON tt_worker.webhook_attempts ("startedAt")`

  // Written while an endpoint fails, not for each delivery to a healthy one.
  yield* sql`CREATE TABLE tt_worker.webhook_health (
    "tenantId" text NOT NULL,
    "webhookId" text NOT NULL,
    "failingSince" timestamptz,
    failures integer NOT NULL DEFAULT 0,
    successes integer NOT NULL DEFAULT 0,
    "successStreak" integer NOT NULL DEFAULT 0,
    "lastFailureAt" timestamptz,
    "lastErrorClass" text,
    "warnedAt" timestamptz,
    "pausedUntil" timestamptz,
    "probeUntil" timestamptz,
    PRIMARY KEY ("tenantId", "webhookId")
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.webhook_health.failures IS 'since it began to fail, as are the successes'`
  yield* sql`COMMENT ON COLUMN tt_worker.webhook_health."pausedUntil" IS 'the endpoint asked to be left alone until then'`
})
