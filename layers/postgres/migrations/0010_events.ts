import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { MAX_EVENT_BYTES } from "../../../src/contract/index.ts"

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`

/**
 * Events and "process again" inside the caller's own transaction, for every language: `tt-worker/producer` calls these
 * same functions. They find the API's tables in the schema in which the migrations ran.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ readonly schema: string }>`SELECT current_schema() AS schema`
  const schema = identifier(found?.schema ?? "public")

  yield* sql`ALTER TABLE tt_worker.invoice_claims
    ADD COLUMN "failedGeneration" integer NOT NULL DEFAULT 0,
    ADD COLUMN "askedGeneration" integer,
    ADD COLUMN "askedJobId" text,
    ADD COLUMN "askedAt" timestamptz`
  yield* sql`COMMENT ON COLUMN tt_worker.invoice_claims."failedGeneration" IS 'the last one that ended in error; 0 if none did'`
  yield* sql`COMMENT ON COLUMN tt_worker.invoice_claims."askedJobId" IS 'of the last "process again": a double click gets the same job'`
  yield* sql`UPDATE tt_worker.invoice_claims c SET "failedGeneration" = c.generation
    FROM invoices i WHERE i."tenantId" = c."tenantId" AND i.id = c."invoiceId" AND i.status::text = 'error'`

  // Raised only when the last generation has ended, well or not, so that a double click asks once.
  yield* sql`CREATE OR REPLACE FUNCTION tt_worker.request_invoice_reprocessing(tenant text, invoice text) RETURNS integer
    LANGUAGE sql AS $$
      INSERT INTO tt_worker.invoice_claims AS c ("tenantId", "invoiceId", generation)
      VALUES (tenant, invoice, 2)
      ON CONFLICT ("tenantId", "invoiceId") DO UPDATE
        SET generation = CASE WHEN greatest(c."processedGeneration", c."failedGeneration") >= c.generation THEN c.generation + 1 ELSE c.generation END,
            "updatedAt" = now()
      RETURNING generation
    $$`

  yield* sql.unsafe(`CREATE FUNCTION tt_worker.process_again(
      p_tenant text,
      p_invoice text,
      p_traceparent text DEFAULT NULL,
      OUT outcome text,
      OUT status text,
      OUT generation integer,
      OUT "jobId" text
    )
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE v_archived boolean; v_known text;
    BEGIN
      SELECT i.status::text, coalesce(i.archived, false) INTO process_again.status, v_archived
        FROM ${schema}.invoices i WHERE i."tenantId" = p_tenant AND i.id = p_invoice;
      IF NOT FOUND THEN
        outcome := 'not-found';
        RETURN;
      END IF;
      IF v_archived THEN process_again.status := 'archived'; END IF;
      IF process_again.status NOT IN ('nouveau', 'processing', 'processed', 'error') THEN
        outcome := 'belongs-to-people';
        RETURN;
      END IF;
      outcome := 'asked';
      process_again.generation := tt_worker.request_invoice_reprocessing(p_tenant, p_invoice);
      -- The row is ours from here on. Who clicks twice gets the job of the first click; later on, one that may have been lost is made again.
      SELECT c."askedJobId" INTO v_known FROM tt_worker.invoice_claims c
        WHERE c."tenantId" = p_tenant AND c."invoiceId" = p_invoice
          AND c."askedGeneration" = process_again.generation AND c."askedAt" > clock_timestamp() - interval '30 seconds';
      IF v_known IS NOT NULL THEN
        process_again."jobId" := v_known;
        RETURN;
      END IF;
      process_again."jobId" := tt_worker.enqueue_job('invoice-processing',
        '{"invoiceId":' || to_json(p_invoice) || ',"tenantId":' || to_json(p_tenant) || ',"generation":' || process_again.generation || '}',
        NULL, p_tenant, 0, p_traceparent);
      UPDATE tt_worker.invoice_claims c
        SET "askedGeneration" = process_again.generation, "askedJobId" = process_again."jobId", "askedAt" = clock_timestamp()
        WHERE c."tenantId" = p_tenant AND c."invoiceId" = p_invoice;
    END
    $$`)
  yield* sql`REVOKE ALL ON FUNCTION tt_worker.process_again(text, text, text) FROM PUBLIC`
  yield* sql`COMMENT ON FUNCTION tt_worker.process_again(text, text, text) IS
    'have an invoice read again, as part of the calling transaction. outcome: asked, not-found, or belongs-to-people (approved, paid, archived: nothing was changed; see status)'`

  // jsonb takes no NUL and no half of a surrogate pair; the body keeps both. In JSON text a raw control character cannot
  // stand, so chr(1) can stand for an escaped backslash meanwhile.
  yield* sql.unsafe(`CREATE FUNCTION tt_worker.jsonb_of(body text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
      RETURN body::jsonb;
    EXCEPTION WHEN data_exception THEN
      BEGIN
        RETURN replace(regexp_replace(regexp_replace(
          replace(replace(body, '\\\\', chr(1)), '\\u0000', '\\ufffd'),
          '\\\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\\\u[dD][c-fC-F])', '\\\\ufffd', 'g'),
          '(?<!\\\\u[dD][89abAB][0-9a-fA-F]{2})\\\\u[dD][c-fC-F][0-9a-fA-F]{2}', '\\\\ufffd', 'g'),
          chr(1), '\\\\')::jsonb;
      EXCEPTION WHEN data_exception THEN
        RETURN '{}';
      END;
    END
    $$`)
  yield* sql`COMMENT ON FUNCTION tt_worker.jsonb_of(text) IS 'this JSON as jsonb; what jsonb cannot keep is U+FFFD in it, or all of it is {}'`

  yield* sql.unsafe(`CREATE FUNCTION tt_worker.origin_of(url text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
      SELECT coalesce(m[1] || m[2] || '/', 'about:blank') FROM (SELECT regexp_match(url, '^(https?://)(?:[^/?#]*@)?([^/?#@]+)', 'i') AS m) matched
    $$`)
  yield* sql`COMMENT ON FUNCTION tt_worker.origin_of(text) IS 'scheme and host of a URL: its path and its user are credentials'`

  yield* sql.unsafe(`CREATE FUNCTION tt_worker.emit_event(
      p_tenant text,
      p_event text,
      p_payload text,
      p_idempotency_key text DEFAULT NULL,
      p_ordering_key text DEFAULT NULL,
      p_traceparent text DEFAULT NULL,
      OUT "eventId" text,
      OUT "deliveryIds" text[]
    )
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      v_bytes bytea := convert_to(p_payload, 'UTF8');
      v_parts text[] := string_to_array(p_event, '.');
      v_names text[];
      v_found integer;
      v_written integer;
    BEGIN
      IF p_tenant IS NULL OR p_tenant = '' THEN
        RAISE EXCEPTION 'an event needs its tenant' USING ERRCODE = '22023';
      END IF;
      IF p_event IS NULL OR length(p_event) > 128 OR p_event !~ '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$' THEN
        RAISE EXCEPTION '"%" is no name of an event', left(coalesce(p_event, 'NULL'), 128)
          USING ERRCODE = '22023', HINT = 'letters, digits, - and _, in parts separated by dots, 128 characters at most: entry.approved';
      END IF;
      IF p_idempotency_key = '' OR length(p_idempotency_key) > 300 OR p_ordering_key = '' OR length(p_ordering_key) > 300 THEN
        RAISE EXCEPTION 'an idempotency key and an ordering key have 1 to 300 characters, or are not given' USING ERRCODE = '22023';
      END IF;
      IF octet_length(v_bytes) > ${MAX_EVENT_BYTES} THEN
        RAISE EXCEPTION 'the payload of event % has % bytes; ${MAX_EVENT_BYTES} is the most', p_event, octet_length(v_bytes)
          USING ERRCODE = '22023', HINT = 'send an id by which the receiver can fetch the rest';
      END IF;
      IF p_payload IS NULL OR json_typeof(p_payload::json) <> 'object' THEN
        RAISE EXCEPTION 'the payload of event % must be a JSON object', p_event USING ERRCODE = '22023';
      END IF;

      -- With a key always the same: the length of the tenant's id keeps two of them from looking alike.
      "eventId" := 'evt_' || CASE WHEN p_idempotency_key IS NULL THEN replace(gen_random_uuid()::text, '-', '')
        ELSE left(encode(sha256(convert_to(length(p_tenant) || ':' || p_tenant || p_event || ':' || p_idempotency_key, 'UTF8')), 'hex'), 32) END;
      -- entry.approved is subscribed to as itself, as entry.* and as *.
      v_names := ARRAY[p_event, '*'] || ARRAY(SELECT array_to_string(v_parts[1:n], '.') || '.*' FROM generate_series(1, cardinality(v_parts) - 1) n);

      -- The lock is the one that a foreign key takes: a webhook that is being deleted is waited for, and then is not there.
      WITH hooks AS MATERIALIZED (
        SELECT w.id, w.url, 'dlv_' || replace(gen_random_uuid()::text, '-', '') AS delivery FROM ${schema}.webhooks w
        WHERE w."tenantId" = p_tenant AND coalesce(w.active, true) AND w.events::text[] && v_names
        ORDER BY w.id FOR KEY SHARE
      ), kept AS MATERIALIZED (
        SELECT tt_worker.jsonb_of(p_payload) AS payload, encode(sha256(v_bytes), 'hex') AS hash WHERE EXISTS (SELECT 1 FROM hooks)
      ), written AS (
        INSERT INTO ${schema}.webhook_deliveries
          (id, "jobId", "webhookId", "tenantId", event, payload, body, "bodyHash", "eventId", "idempotencyKey", "orderingKey", "orderingSequence", "createdAt", "updatedAt")
        SELECT h.delivery, h.delivery, h.id, p_tenant, p_event, k.payload, p_payload, k.hash, "eventId", p_idempotency_key, p_ordering_key,
          CASE WHEN p_ordering_key IS NOT NULL THEN nextval('tt_worker.webhook_order') END,
          clock_timestamp() AT TIME ZONE 'UTC', clock_timestamp() AT TIME ZONE 'UTC'
        FROM hooks h CROSS JOIN kept k
        ON CONFLICT DO NOTHING
        RETURNING id, "webhookId"
      ), enqueued AS (
        -- The row has the body and the webhook's row the address and the secret; of the address the job names only the host.
        SELECT d.id, tt_worker.enqueue_job('webhook-delivery', '{"webhookId":' || to_json(d."webhookId") || ',"webhookDeliveryId":' || to_json(d.id)
            || ',"tenantId":' || to_json(p_tenant) || ',"event":' || to_json(p_event)
            || ',"url":' || to_json(tt_worker.origin_of(h.url))
            || ',"secret":null,"payload":{}}', d.id, p_tenant, 0, p_traceparent) AS job
        FROM written d JOIN hooks h ON h.id = d."webhookId"
      )
      SELECT (SELECT count(*) FROM hooks), count(e.job), coalesce(array_agg(e.id ORDER BY e.id), '{}')
        INTO v_found, v_written, "deliveryIds" FROM enqueued e;

      -- Emitted before, to some of them at least.
      IF v_written < v_found THEN
        "deliveryIds" := ARRAY(SELECT d.id FROM ${schema}.webhooks w JOIN ${schema}.webhook_deliveries d ON d."webhookId" = w.id AND d."eventId" = emit_event."eventId"
          WHERE w."tenantId" = p_tenant AND d."tenantId" = p_tenant AND coalesce(w.active, true) AND w.events::text[] && v_names ORDER BY d.id);
      END IF;
    END
    $$`)
  yield* sql`REVOKE ALL ON FUNCTION tt_worker.emit_event(text, text, text, text, text, text) FROM PUBLIC`
  yield* sql`COMMENT ON FUNCTION tt_worker.emit_event(text, text, text, text, text, text) IS
    'an event to the active webhooks of the tenant that subscribe to it, as part of the calling transaction. The payload is JSON text, sent as it is; the same idempotency key for the same event gives one delivery per webhook. Another role needs USAGE on schema tt_worker and EXECUTE on this function, nothing more'`
})
