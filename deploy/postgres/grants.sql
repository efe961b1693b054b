-- The rights of a role that tt-worker runs as and that makes no tables (MIGRATE_ON_START=false, or MIGRATION_DATABASE_URL
-- with the owner's role). Run it as that owner after each `migrate`; running it again does no harm.
--
--   CREATE ROLE tt_worker_app LOGIN PASSWORD '…';
--   PGOPTIONS='-c tt_grants.role=tt_worker_app -c tt_grants.schema=public' psql "$MIGRATION_DATABASE_URL" -f deploy/postgres/grants.sql
--
-- tt_grants.role is the role, tt_grants.schema where the API's tables are; what is shown here is the default of both.
DO $grants$
DECLARE
  worker text := coalesce(nullif(current_setting('tt_grants.role', true), ''), 'tt_worker_app');
  api text := coalesce(nullif(current_setting('tt_grants.schema', true), ''), 'public');
  own text;
  shared record;
BEGIN
  -- Of the API's tables only what the programs do. Settings (tenants, tenant_users) are read and never written.
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', api, worker);
  FOR shared IN
    SELECT * FROM (VALUES
      ('tenants', 'SELECT'),
      ('tenant_users', 'SELECT'),
      ('projects', 'SELECT'),
      ('entries', 'SELECT, INSERT, UPDATE, DELETE'),
      ('absences', 'SELECT'),
      ('invoices', 'SELECT, INSERT, UPDATE'),
      ('webhooks', 'SELECT, UPDATE'),
      ('webhook_deliveries', 'SELECT, INSERT, UPDATE, DELETE')
    ) AS rights (name, list)
  LOOP
    IF to_regclass(format('%I.%I', api, shared.name)) IS NOT NULL THEN
      EXECUTE format('GRANT %s ON %I.%I TO %I', shared.list, api, shared.name, worker);
    END IF;
  END LOOP;

  -- Of the worker's own and BullMQ's everything but changing the tables. `bullmq` is missing where the queues are in Redis.
  FOREACH own IN ARRAY ARRAY['tt_worker', 'bullmq'] LOOP
    CONTINUE WHEN to_regnamespace(own) IS NULL;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', own, worker);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', own, worker);
    EXECUTE format('GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA %I TO %I', own, worker);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', own, worker);
  END LOOP;
END
$grants$;
