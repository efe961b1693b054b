import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * The book of what is asked of paid providers: each call, what it used by tenant and month, the answers that are kept
 * so that none is paid for twice, and who read which invoice. Sums are in millionths of a US dollar.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.provider_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "tenantId" text NOT NULL,
    "invoiceId" text NOT NULL,
    month date NOT NULL,
    step text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    region text NOT NULL,
    state text NOT NULL CHECK (state IN ('begun', 'answered', 'failed', 'uncertain')),
    "reservedMicros" bigint NOT NULL,
    "costMicros" bigint NOT NULL DEFAULT 0,
    pages integer NOT NULL DEFAULT 0,
    "inputTokens" bigint NOT NULL DEFAULT 0,
    "outputTokens" bigint NOT NULL DEFAULT 0,
    "errorCode" text,
    "startedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "endedAt" timestamptz
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.provider_calls.state IS
    'begun: under way, its cost reserved; answered: paid; failed: not billed; uncertain: broken off, the reservation stays counted'`
  yield* sql`CREATE INDEX provider_calls_of_invoice ON tt_worker.provider_calls ("tenantId", "invoiceId")`
  yield* sql`CREATE INDEX provider_calls_begun ON tt_worker.provider_calls ("startedAt") WHERE state = 'begun'`
  yield* sql`CREATE INDEX provider_calls_ended ON tt_worker.provider_calls ("endedAt") WHERE "endedAt" IS NOT NULL`

  yield* sql`CREATE TABLE tt_worker.usage_months (
    "tenantId" text NOT NULL,
    month date NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    region text NOT NULL,
    begun bigint NOT NULL DEFAULT 0,
    answered bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    uncertain bigint NOT NULL DEFAULT 0,
    pages bigint NOT NULL DEFAULT 0,
    "inputTokens" bigint NOT NULL DEFAULT 0,
    "outputTokens" bigint NOT NULL DEFAULT 0,
    "costMicros" bigint NOT NULL DEFAULT 0,
    "reservedMicros" bigint NOT NULL DEFAULT 0,
    "uncertainMicros" bigint NOT NULL DEFAULT 0,
    PRIMARY KEY ("tenantId", month, provider, model, region)
  )`
  yield* sql`COMMENT ON TABLE tt_worker.usage_months IS
    'the sums of provider_calls by tenant and month (UTC), changed in the same transactions; kept when the single calls are not'`

  // The answer is text: PostgreSQL refuses NUL characters in jsonb, and recognition may find some.
  yield* sql`CREATE TABLE tt_worker.kept_answers (
    "tenantId" text NOT NULL,
    sha256 text NOT NULL,
    step text NOT NULL,
    engine text NOT NULL,
    input text NOT NULL,
    answer text,
    "isGood" boolean,
    "invoiceId" text,
    "jobId" text,
    "answeredAt" timestamptz,
    "callId" bigint,
    "holderInvoiceId" text,
    "holderEpoch" bigint,
    "heldAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", sha256, step, engine, input)
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.kept_answers."isGood" IS 'counts for every invoice with this file; a bad one only for this invoice and job, so that whoever asks again gets another'`
  yield* sql`COMMENT ON COLUMN tt_worker.kept_answers."callId" IS 'the call that is under way, made by the holder: an invoice claim of that epoch'`

  yield* sql`CREATE TABLE tt_worker.invoice_readers (
    "tenantId" text NOT NULL,
    "invoiceId" text NOT NULL,
    step text NOT NULL,
    sha256 text NOT NULL,
    provider text NOT NULL,
    model text,
    region text,
    reused boolean NOT NULL,
    "readAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", "invoiceId", step)
  )`
  yield* sql`COMMENT ON TABLE tt_worker.invoice_readers IS 'who read an invoice at each step, where, and whether an answer from before was used'`
  yield* sql`CREATE INDEX invoice_readers_of_file ON tt_worker.invoice_readers ("tenantId", sha256)`

  yield* sql`ALTER TABLE tt_worker.invoice_claims ADD COLUMN "askAgainSince" timestamptz`
  yield* sql`COMMENT ON COLUMN tt_worker.invoice_claims."askAgainSince" IS 'somebody asked for the model to be asked again: older answers do not count'`
})
