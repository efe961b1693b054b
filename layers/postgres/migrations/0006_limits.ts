import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * What limits and breakers remember, for all replicas. Unlogged: after a crash of the server limits begin anew and
 * circuits are closed, which harms nobody, and no operation waits for the disk.
 *
 * Each function is one round trip, locks one row or one key, and nothing after it, so that two of them cannot wait
 * for each other. Time is read after the lock is held: `at` is for trying them out, everybody else leaves it null.
 * Answers are those of the stores in `effect/persistence`, which test/layers/limits compares them with.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE UNLOGGED TABLE tt_worker.limit_windows (
    key text PRIMARY KEY,
    count double precision NOT NULL,
    "endsAt" timestamptz NOT NULL
  ) WITH (fillfactor = 50)`
  yield* sql`CREATE UNLOGGED TABLE tt_worker.limit_buckets (
    key text PRIMARY KEY,
    tokens double precision NOT NULL,
    "refilledAt" timestamptz NOT NULL,
    "fullAt" timestamptz NOT NULL
  ) WITH (fillfactor = 50)`
  yield* sql`CREATE UNLOGGED TABLE tt_worker.limit_adaptations (
    key text PRIMARY KEY,
    phase text NOT NULL,
    epoch bigint NOT NULL,
    "cooldownUntil" timestamptz NOT NULL,
    "learningSince" timestamptz,
    "observedTokens" double precision NOT NULL DEFAULT 0,
    "learnedLimit" double precision NOT NULL DEFAULT 0,
    "learnedWindow" interval NOT NULL DEFAULT '0',
    "forgetAt" timestamptz NOT NULL
  ) WITH (fillfactor = 50)`
  yield* sql`CREATE UNLOGGED TABLE tt_worker.limit_permits (
    key text NOT NULL,
    token uuid NOT NULL,
    "leaseUntil" timestamptz NOT NULL,
    PRIMARY KEY (key, token)
  ) WITH (fillfactor = 50)`
  yield* sql`CREATE UNLOGGED TABLE tt_worker.circuits (
    key text PRIMARY KEY,
    state text NOT NULL,
    generation bigint NOT NULL,
    streak integer NOT NULL DEFAULT 0,
    ring text NOT NULL DEFAULT '',
    "openUntil" timestamptz,
    openings integer NOT NULL DEFAULT 0,
    "lastOpenFor" interval NOT NULL DEFAULT '0',
    "resetAt" timestamptz,
    "probeUntil" timestamptz,
    "forgetAt" timestamptz NOT NULL
  ) WITH (fillfactor = 50)`
  yield* sql`CREATE FUNCTION tt_worker.millis(interval) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (extract(epoch FROM $1) * 1000)::double precision $$`
  yield* sql`CREATE FUNCTION tt_worker.of_millis(double precision) RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT make_interval(secs => $1 / 1000) $$`

  // A row that is not there yet is made once and then locked like any other; one that clean-up takes away in between is made again.
  yield* sql`CREATE FUNCTION tt_worker.take_from_window(k text, wanted double precision, refill double precision, most double precision, at timestamptz DEFAULT NULL,
      OUT count double precision, OUT ttl double precision)
    LANGUAGE plpgsql AS $$
    DECLARE s tt_worker.limit_windows; t timestamptz;
    BEGIN
      LOOP
        SELECT * INTO s FROM tt_worker.limit_windows w WHERE w.key = k FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO tt_worker.limit_windows VALUES (k, 0, coalesce(at, clock_timestamp())) ON CONFLICT DO NOTHING;
      END LOOP;
      t := coalesce(at, clock_timestamp());
      IF s."endsAt" <= t THEN
        s.count := 0;
        s."endsAt" := t;
      END IF;
      count := s.count + wanted;
      IF most IS NULL OR count <= most THEN
        s."endsAt" := s."endsAt" + tt_worker.of_millis(refill * wanted);
        UPDATE tt_worker.limit_windows w SET count = take_from_window.count, "endsAt" = s."endsAt" WHERE w.key = k;
      END IF;
      ttl := tt_worker.millis(s."endsAt" - t);
    END $$`

  yield* sql`CREATE FUNCTION tt_worker.take_from_bucket(k text, wanted double precision, size double precision, refill double precision, overflow boolean, at timestamptz DEFAULT NULL,
      OUT remaining double precision, OUT elapsed double precision)
    LANGUAGE plpgsql AS $$
    DECLARE s tt_worker.limit_buckets; t timestamptz; refills double precision; stored double precision;
    BEGIN
      LOOP
        SELECT * INTO s FROM tt_worker.limit_buckets b WHERE b.key = k FOR UPDATE;
        EXIT WHEN FOUND;
        t := coalesce(at, clock_timestamp());
        INSERT INTO tt_worker.limit_buckets VALUES (k, size, t, t) ON CONFLICT DO NOTHING;
      END LOOP;
      t := coalesce(at, clock_timestamp());
      refills := floor(tt_worker.millis(t - s."refilledAt") / refill);
      IF refills > 0 THEN
        s.tokens := least(size, s.tokens + refills);
        s."refilledAt" := s."refilledAt" + tt_worker.of_millis(refills * refill);
      END IF;
      IF s.tokens >= size THEN
        s."refilledAt" := t;
      END IF;
      remaining := s.tokens - wanted;
      stored := CASE WHEN remaining >= 0 OR overflow THEN remaining ELSE s.tokens END;
      elapsed := greatest(0, tt_worker.millis(t - s."refilledAt"));
      UPDATE tt_worker.limit_buckets b
        SET tokens = stored, "refilledAt" = s."refilledAt", "fullAt" = s."refilledAt" + tt_worker.of_millis(ceil(size - stored) * refill)
        WHERE b.key = k;
    END $$`

  yield* sql`CREATE FUNCTION tt_worker.adaptive_take(k text, wanted double precision, fallback_window double precision, grace double precision, at timestamptz DEFAULT NULL,
      OUT delay double precision, OUT epoch bigint, OUT phase text)
    LANGUAGE plpgsql AS $$
    DECLARE s tt_worker.limit_adaptations; t timestamptz; refill double precision; past double precision;
    BEGIN
      delay := 0;
      -- Nearly always there is nothing to heed, and then nothing is locked.
      SELECT * INTO s FROM tt_worker.limit_adaptations a WHERE a.key = k;
      t := coalesce(at, clock_timestamp());
      IF FOUND AND s."forgetAt" > t AND NOT (s.phase = 'cooldown' AND s."cooldownUntil" > t) THEN
        SELECT * INTO s FROM tt_worker.limit_adaptations a WHERE a.key = k FOR UPDATE;
        t := coalesce(at, clock_timestamp());
      END IF;
      IF NOT FOUND OR s."forgetAt" <= t THEN
        epoch := 0; phase := 'inactive';
        RETURN;
      END IF;
      IF s.phase = 'cooldown' AND s."cooldownUntil" > t THEN
        delay := tt_worker.millis(s."cooldownUntil" - t);
      ELSIF s.phase = 'cooldown' THEN
        s.phase := 'learning';
        s.epoch := s.epoch + 1;
        UPDATE tt_worker.limit_adaptations a SET phase = 'learning', epoch = s.epoch, "learningSince" = t, "observedTokens" = wanted,
          "forgetAt" = t + tt_worker.of_millis(fallback_window + grace) WHERE a.key = k;
      ELSIF s.phase = 'learning' THEN
        UPDATE tt_worker.limit_adaptations a SET "observedTokens" = s."observedTokens" + wanted WHERE a.key = k;
      ELSE
        refill := tt_worker.millis(s."learnedWindow") / s."learnedLimit";
        IF s."cooldownUntil" <= t THEN
          s."observedTokens" := 0;
          s."cooldownUntil" := t;
        END IF;
        s."observedTokens" := s."observedTokens" + wanted;
        s."cooldownUntil" := s."cooldownUntil" + tt_worker.of_millis(refill * wanted);
        past := s."observedTokens" * refill - tt_worker.millis(s."cooldownUntil" - t);
        delay := greatest(0, floor((s."observedTokens" - 1) / s."learnedLimit") * tt_worker.millis(s."learnedWindow") - past);
        UPDATE tt_worker.limit_adaptations a SET "observedTokens" = s."observedTokens", "cooldownUntil" = s."cooldownUntil" WHERE a.key = k;
      END IF;
      epoch := s.epoch; phase := s.phase;
    END $$`

  yield* sql`CREATE FUNCTION tt_worker.adaptive_pause(k text, of_epoch bigint, wanted double precision, pause double precision, grace double precision, longest double precision, at timestamptz DEFAULT NULL)
      RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE s tt_worker.limit_adaptations; t timestamptz; ends timestamptz; accepted double precision; learned double precision;
    BEGIN
      LOOP
        SELECT * INTO s FROM tt_worker.limit_adaptations a WHERE a.key = k FOR UPDATE;
        t := coalesce(at, clock_timestamp());
        ends := t + tt_worker.of_millis(pause);
        EXIT WHEN FOUND AND s."forgetAt" > t;
        IF of_epoch <> 0 THEN RETURN; END IF;
        INSERT INTO tt_worker.limit_adaptations AS a (key, phase, epoch, "cooldownUntil", "forgetAt")
          VALUES (k, 'cooldown', 0, ends, ends + tt_worker.of_millis(grace))
          ON CONFLICT (key) DO UPDATE SET phase = 'cooldown', epoch = 0, "cooldownUntil" = excluded."cooldownUntil", "observedTokens" = 0, "forgetAt" = excluded."forgetAt"
          WHERE a."forgetAt" <= t;
        IF FOUND THEN RETURN; END IF;
      END LOOP;
      IF s.epoch <> of_epoch THEN RETURN; END IF;
      IF s.phase = 'cooldown' THEN ends := greatest(ends, s."cooldownUntil"); END IF;
      accepted := CASE WHEN s.phase = 'learning' THEN s."observedTokens" - wanted ELSE 0 END;
      IF accepted > 0 THEN
        learned := least(longest, greatest(1, tt_worker.millis(t - s."learningSince") + pause));
        UPDATE tt_worker.limit_adaptations a SET phase = 'learned', epoch = s.epoch + 1, "cooldownUntil" = s."learningSince" + tt_worker.of_millis(learned),
          "observedTokens" = accepted, "learnedLimit" = accepted, "learnedWindow" = tt_worker.of_millis(learned),
          "forgetAt" = t + tt_worker.of_millis(learned + grace) WHERE a.key = k;
      ELSE
        UPDATE tt_worker.limit_adaptations a SET phase = 'cooldown', "cooldownUntil" = ends, "observedTokens" = 0, "forgetAt" = ends + tt_worker.of_millis(grace) WHERE a.key = k;
      END IF;
    END $$`

  // Counting needs the key to itself: the lock ends with the statement's own transaction.
  yield* sql`CREATE FUNCTION tt_worker.take_permit(k text, holder uuid, most integer, lease double precision) RETURNS boolean
    LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(k, 7823));
      DELETE FROM tt_worker.limit_permits p WHERE p.key = k AND p."leaseUntil" <= clock_timestamp();
      IF (SELECT count(*) FROM tt_worker.limit_permits p WHERE p.key = k) >= most THEN RETURN false; END IF;
      INSERT INTO tt_worker.limit_permits VALUES (k, holder, clock_timestamp() + tt_worker.of_millis(lease));
      RETURN true;
    END $$`

  yield* sql`CREATE FUNCTION tt_worker.admit_to_circuit(k text, probe_lease double precision, idle double precision, at timestamptz DEFAULT NULL,
      OUT answer text, OUT generation bigint, OUT openings integer, OUT after double precision, OUT moved boolean)
    LANGUAGE plpgsql AS $$
    DECLARE c tt_worker.circuits; t timestamptz;
    BEGIN
      moved := false; after := 0; openings := 0; generation := 0; answer := 'call';
      -- A healthy circuit is only looked at.
      SELECT * INTO c FROM tt_worker.circuits r WHERE r.key = k;
      t := coalesce(at, clock_timestamp());
      IF FOUND AND c."forgetAt" > t AND NOT (c.state = 'Closed' AND (c.openings = 0 OR c."resetAt" > t)) AND NOT (c.state = 'Open' AND c."openUntil" > t) THEN
        SELECT * INTO c FROM tt_worker.circuits r WHERE r.key = k FOR UPDATE;
        t := coalesce(at, clock_timestamp());
      END IF;
      IF NOT FOUND OR c."forgetAt" <= t THEN RETURN; END IF;
      generation := c.generation; openings := c.openings;
      IF c.state = 'Closed' THEN
        IF c.openings > 0 AND c."resetAt" <= t THEN
          openings := 0;
          UPDATE tt_worker.circuits r SET openings = 0 WHERE r.key = k;
        END IF;
      ELSIF c.state = 'Open' AND c."openUntil" > t THEN
        answer := 'open'; after := tt_worker.millis(c."openUntil" - t);
      ELSIF c.state = 'HalfOpen' AND c."probeUntil" > t THEN
        answer := 'half-open';
      ELSE
        answer := 'probe'; moved := c.state = 'Open'; generation := c.generation + 1;
        UPDATE tt_worker.circuits r SET state = 'HalfOpen', generation = c.generation + 1, "probeUntil" = t + tt_worker.of_millis(probe_lease),
          "forgetAt" = t + tt_worker.of_millis(probe_lease + idle) WHERE r.key = k;
      END IF;
    END $$`

  // A generation is the time in microseconds, or one more than the last: a key that was forgotten and comes back repeats none.
  // Generation 0 stands for "no row yet".
  yield* sql`CREATE FUNCTION tt_worker.record_in_circuit(k text, of_generation bigint, outcome text, failures integer, share double precision, at_least integer, of_last integer,
      open_for double precision, idle double precision, at timestamptz DEFAULT NULL, OUT transition text, OUT openings integer)
    LANGUAGE plpgsql AS $$
    DECLARE c tt_worker.circuits; t timestamptz; failed boolean := outcome = 'Failure'; upcoming bigint; trips boolean; found_failures integer;
    BEGIN
      transition := 'none'; openings := 0;
      SELECT * INTO c FROM tt_worker.circuits r WHERE r.key = k;
      t := coalesce(at, clock_timestamp());
      -- A success changes nothing where there is nothing to forgive, nor does an outcome that says nothing outside a probe.
      IF (NOT FOUND OR c."forgetAt" <= t) AND (of_generation <> 0 OR outcome = 'Ignored' OR (failures IS NOT NULL AND NOT failed)) THEN RETURN; END IF;
      IF FOUND AND c."forgetAt" > t AND c.state = 'Closed' AND (outcome = 'Ignored' OR (failures IS NOT NULL AND NOT failed AND c.streak = 0)) THEN RETURN; END IF;
      LOOP
        SELECT * INTO c FROM tt_worker.circuits r WHERE r.key = k FOR UPDATE;
        t := coalesce(at, clock_timestamp());
        EXIT WHEN FOUND AND c."forgetAt" > t;
        IF of_generation <> 0 THEN RETURN; END IF;
        INSERT INTO tt_worker.circuits AS r (key, state, generation, "forgetAt") VALUES (k, 'Closed', 0, t + tt_worker.of_millis(idle))
          ON CONFLICT (key) DO UPDATE SET state = 'Closed', generation = 0, streak = 0, ring = '', openings = 0, "forgetAt" = excluded."forgetAt"
          WHERE r."forgetAt" <= t;
      END LOOP;
      IF c.generation <> of_generation THEN RETURN; END IF;
      openings := c.openings;
      upcoming := greatest(c.generation + 1, (extract(epoch FROM t) * 1000000)::bigint);
      IF c.state = 'HalfOpen' AND outcome = 'Ignored' THEN
        UPDATE tt_worker.circuits r SET generation = upcoming, "probeUntil" = NULL, "forgetAt" = t + tt_worker.of_millis(idle) WHERE r.key = k;
      ELSIF c.state = 'HalfOpen' AND NOT failed THEN
        transition := 'halfopen-closed';
        UPDATE tt_worker.circuits r SET state = 'Closed', generation = upcoming, streak = 0, ring = '', "probeUntil" = NULL, "resetAt" = t + c."lastOpenFor",
          "forgetAt" = t + tt_worker.of_millis(idle) WHERE r.key = k;
      ELSIF c.state = 'HalfOpen' OR (c.state = 'Closed' AND outcome <> 'Ignored') THEN
        IF c.state = 'HalfOpen' THEN
          trips := true;
        ELSIF failures IS NOT NULL THEN
          c.streak := CASE WHEN failed THEN c.streak + 1 ELSE 0 END;
          trips := c.streak >= failures;
        ELSE
          c.ring := right(c.ring || CASE WHEN failed THEN '1' ELSE '0' END, of_last);
          found_failures := length(replace(c.ring, '0', ''));
          trips := length(c.ring) >= at_least AND found_failures > 0 AND found_failures::double precision / length(c.ring) >= share;
        END IF;
        IF trips THEN
          transition := CASE WHEN c.state = 'HalfOpen' THEN 'halfopen-open' ELSE 'closed-open' END;
          openings := c.openings + 1;
          UPDATE tt_worker.circuits r SET state = 'Open', generation = upcoming, "openUntil" = t + tt_worker.of_millis(open_for), openings = c.openings + 1,
            "lastOpenFor" = tt_worker.of_millis(open_for), streak = 0, ring = '', "probeUntil" = NULL, "forgetAt" = t + tt_worker.of_millis(open_for + idle) WHERE r.key = k;
        ELSE
          UPDATE tt_worker.circuits r SET streak = c.streak, ring = c.ring, "forgetAt" = t + tt_worker.of_millis(idle) WHERE r.key = k;
        END IF;
      END IF;
    END $$`

  yield* sql`CREATE FUNCTION tt_worker.clean_limits(most integer) RETURNS bigint
    LANGUAGE sql AS $$
      WITH w AS (DELETE FROM tt_worker.limit_windows WHERE key IN (SELECT key FROM tt_worker.limit_windows WHERE "endsAt" < now() LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1),
      b AS (DELETE FROM tt_worker.limit_buckets WHERE key IN (SELECT key FROM tt_worker.limit_buckets WHERE "fullAt" < now() LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1),
      a AS (DELETE FROM tt_worker.limit_adaptations WHERE key IN (SELECT key FROM tt_worker.limit_adaptations WHERE "forgetAt" < now() LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1),
      p AS (DELETE FROM tt_worker.limit_permits WHERE (key, token) IN (SELECT key, token FROM tt_worker.limit_permits WHERE "leaseUntil" < now() LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1),
      c AS (DELETE FROM tt_worker.circuits WHERE key IN (SELECT key FROM tt_worker.circuits WHERE "forgetAt" < now() LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1)
      SELECT (SELECT count(*) FROM w) + (SELECT count(*) FROM b) + (SELECT count(*) FROM a) + (SELECT count(*) FROM p) + (SELECT count(*) FROM c)
    $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.clean_limits(integer) IS 'removes rows of idle keys, at most this many of each table; says how many'`
})
