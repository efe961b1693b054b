import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * What automations need: columns on the API's tables (each only where this role may add it; without it the actions that
 * need it are off, and say so), and the worker's own record of them.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  /** A right that this role lacks is no reason to stop; whatever else fails is. */
  const whereAllowed = (statement: string) =>
    sql.unsafe(`DO $allowed$ BEGIN ${statement}; EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE '%', SQLERRM; END $allowed$`)

  for (const column of [
    `"breakMinutes" integer`,
    `source text`,
    `"automationId" text`,
    `occurrence timestamp(3)`,
    `"occurrenceItem" integer`,
    `"closedBy" text`,
    `"exportedAt" timestamp(3)`
  ]) yield* whereAllowed(`ALTER TABLE entries ADD COLUMN IF NOT EXISTS ${column}`)
  yield* whereAllowed(`ALTER TABLE tenant_users ADD COLUMN IF NOT EXISTS country text`)
  yield* whereAllowed(`CREATE TABLE IF NOT EXISTS absences (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    "tenantUserId" text NOT NULL,
    "startDate" date NOT NULL,
    "endDate" date NOT NULL,
    type text,
    status text,
    note text
  )`)
  // Both where the columns are; an index of the API's own that serves is enough. A large table is the API's to index.
  yield* whereAllowed(`
    IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'entries'::regclass AND attname = 'occurrenceItem' AND NOT attisdropped) THEN
      CREATE UNIQUE INDEX IF NOT EXISTS entries_automation_occurrence ON entries ("tenantUserId", "automationId", occurrence, "occurrenceItem")
        WHERE "automationId" IS NOT NULL;
    END IF;
    IF NOT EXISTS (
      SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = 'entries'::regclass AND i.indpred IS NULL AND a.attname IN ('tenantUserId', 'tenantId')
    ) AND (SELECT reltuples < 100000 FROM pg_class WHERE oid = 'entries'::regclass) THEN
      CREATE INDEX IF NOT EXISTS entries_of_user ON entries ("tenantUserId", "startDate");
    END IF`)

  yield* sql`CREATE TABLE tt_worker.automation_users (
    "tenantUserId" text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C" NOT NULL,
    hash text NOT NULL,
    "takenAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenantUserId", "tenantId")
  )`
  yield* sql`COMMENT ON TABLE tt_worker.automation_users IS 'users whose automations are registered, and what they looked like then'`

  yield* sql`CREATE TABLE tt_worker.automation_changes (
    "tenantUserId" text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C" NOT NULL,
    "changedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantUserId", "tenantId")
  )`
  yield* sql`CREATE INDEX automation_changes_in_order ON tt_worker.automation_changes ("changedAt")`

  yield* sql`CREATE TABLE tt_worker.automations (
    "tenantUserId" text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C" NOT NULL,
    "automationId" text COLLATE "C" NOT NULL,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'disabled', 'bad', 'not-taken-over', 'action-off')),
    reason text,
    "scheduleKey" text,
    "lastOccurrence" timestamptz,
    "lastOutcome" text,
    "lastNote" text,
    "updatedAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenantUserId", "tenantId", "automationId")
  )`
  yield* sql`CREATE INDEX automations_of_tenant ON tt_worker.automations ("tenantId")`
  yield* sql`COMMENT ON COLUMN tt_worker.automations."automationId" IS 'its id, or its place in the list (#1) where it has none that can be used'`
  yield* sql`COMMENT ON COLUMN tt_worker.automations.reason IS 'why it does not run, for the admin page'`

  yield* sql`CREATE TABLE tt_worker.automation_runs (
    "tenantUserId" text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C" NOT NULL,
    "automationId" text COLLATE "C" NOT NULL,
    occurrence timestamptz NOT NULL,
    missed integer NOT NULL DEFAULT 0,
    outcome text NOT NULL CHECK (outcome IN ('running', 'done', 'nothing', 'failed')),
    note text,
    entries integer NOT NULL DEFAULT 0,
    events integer NOT NULL DEFAULT 0,
    "jobId" text NOT NULL,
    "createdAt" timestamptz NOT NULL DEFAULT now(),
    "undoneAt" timestamptz,
    PRIMARY KEY ("tenantUserId", "tenantId", "automationId", occurrence)
  )`
  yield* sql`COMMENT ON TABLE tt_worker.automation_runs IS 'one row for each run of an automation, written in one transaction with what it did: so it happens once'`
  yield* sql`CREATE INDEX automation_runs_by_age ON tt_worker.automation_runs ("createdAt")`

  yield* sql`CREATE TABLE tt_worker.automation_effects (
    "tenantUserId" text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C" NOT NULL,
    "automationId" text COLLATE "C" NOT NULL,
    occurrence timestamptz NOT NULL,
    "entryId" text NOT NULL,
    effect text NOT NULL CHECK (effect IN ('created', 'closed', 'submitted')),
    print text NOT NULL,
    PRIMARY KEY ("tenantUserId", "tenantId", "automationId", occurrence, "entryId"),
    FOREIGN KEY ("tenantUserId", "tenantId", "automationId", occurrence) REFERENCES tt_worker.automation_runs ON DELETE CASCADE
  )`
  yield* sql`COMMENT ON TABLE tt_worker.automation_effects IS 'which entries a run wrote; print is what they looked like then, so that undoing leaves alone what people have changed since'`

  yield* sql`CREATE VIEW tt_worker.automation_overview AS
    SELECT a."tenantId", a."tenantUserId", a."automationId", a.name, a.state, a.reason, s."nextRunAt",
      a."lastOccurrence", a."lastOutcome", a."lastNote", a."updatedAt"
    FROM tt_worker.automations a
    LEFT JOIN tt_worker.schedules s ON s."tenantId" = a."tenantId" AND s.kind = 'automation' AND s.key = a."scheduleKey"`
  yield* sql`COMMENT ON VIEW tt_worker.automation_overview IS 'for the admin page: every automation, whether it runs and why not, its next and its last run; filter by "tenantId"'`

  // Tells of changes at once. It may never be in the way of the API's own write; what it misses, the poll finds.
  yield* sql`CREATE FUNCTION tt_worker.note_automation_change() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
      IF TG_OP <> 'INSERT' THEN
        INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId") VALUES (OLD.id, OLD."tenantId")
          ON CONFLICT ("tenantUserId", "tenantId") DO UPDATE SET "changedAt" = clock_timestamp();
      END IF;
      IF TG_OP <> 'DELETE' THEN
        INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId") VALUES (NEW.id, NEW."tenantId")
          ON CONFLICT ("tenantUserId", "tenantId") DO UPDATE SET "changedAt" = clock_timestamp();
      END IF;
      PERFORM pg_notify('tt_worker_automations', '');
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RETURN NULL;
    END
    $$`
  yield* sql`CREATE FUNCTION tt_worker.note_tenant_gone() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
      INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId")
        SELECT "tenantUserId", "tenantId" FROM tt_worker.automation_users WHERE "tenantId" = OLD.id
        ON CONFLICT ("tenantUserId", "tenantId") DO NOTHING;
      PERFORM pg_notify('tt_worker_automations', '');
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RETURN NULL;
    END
    $$`
  const triggers = `
    CREATE TRIGGER tt_worker_automations_new AFTER INSERT ON tenant_users FOR EACH ROW
      WHEN (NEW.automations IS NOT NULL) EXECUTE FUNCTION tt_worker.note_automation_change();
    CREATE TRIGGER tt_worker_automations_changed AFTER UPDATE ON tenant_users FOR EACH ROW
      WHEN (OLD.automations::text IS DISTINCT FROM NEW.automations::text OR OLD.archived IS DISTINCT FROM NEW.archived OR OLD."tenantId" IS DISTINCT FROM NEW."tenantId")
      EXECUTE FUNCTION tt_worker.note_automation_change();
    CREATE TRIGGER tt_worker_automations_gone AFTER DELETE ON tenant_users FOR EACH ROW
      WHEN (OLD.automations IS NOT NULL) EXECUTE FUNCTION tt_worker.note_automation_change();
    CREATE TRIGGER tt_worker_automations_tenant_gone AFTER DELETE ON tenants FOR EACH ROW EXECUTE FUNCTION tt_worker.note_tenant_gone()`
  yield* whereAllowed(triggers)
})
