-- Optional: PostgreSQL itself keeps tenants apart, beneath the worker's own WHERE clauses. Of every table that has rows of
-- tenants, the worker's role then sees and writes, while a job runs, rows of that job's tenant only. The worker notices at
-- its next start; it needs no setting. Without this script nothing is different and nothing is slower; with it, each
-- statement costs one more round trip.
--
-- It is for a role that owns no tables (see grants.sql): PostgreSQL lets an owner see everything. Run it as the owner after
-- each `migrate`; running it again does no harm.
--
--   PGOPTIONS='-c tt_rls.role=tt_worker_app -c tt_rls.schema=public' psql "$MIGRATION_DATABASE_URL" -f deploy/postgres/row-level-security.sql
--
-- tt_rls.role is the worker's role, tt_rls.schema where the API's tables are; what is shown here is the default of both.
-- With -c tt_rls.remove=true what this script made is taken away again.
--
-- A connection of the worker's says whose rows it is about in the setting tt_worker.tenant: a tenant's id, or * for its own
-- rounds over all tenants (scheduler, relay, reconciler, retention, and claims that are made for several jobs at once). A
-- connection of that role that says nothing sees nothing. Other roles are as before.
DO $rls$
DECLARE
  worker text := coalesce(nullif(current_setting('tt_rls.role', true), ''), 'tt_worker_app');
  api text := coalesce(nullif(current_setting('tt_rls.schema', true), ''), 'public');
  removing boolean := coalesce(nullif(current_setting('tt_rls.remove', true), ''), 'false')::boolean;
  kept record;
  found oid;
  -- Looked up once a statement, not once a row.
  about constant text := '(SELECT current_setting(''tt_worker.tenant'', true))';
BEGIN
  FOR kept IN
    SELECT * FROM (VALUES
      (api, 'tenants', 'id'),
      (api, 'tenant_users', 'tenantId'),
      (api, 'projects', 'tenantId'),
      (api, 'entries', 'tenantId'),
      (api, 'absences', 'tenantId'),
      (api, 'invoices', 'tenantId'),
      (api, 'webhooks', 'tenantId'),
      (api, 'webhook_deliveries', 'tenantId'),
      ('tt_worker', 'schedules', 'tenantId'),
      ('tt_worker', 'occurrences', 'tenantId'),
      ('tt_worker', 'outbox', 'tenantId'),
      ('tt_worker', 'job_claims', 'tenantId'),
      ('tt_worker', 'invoice_claims', 'tenantId'),
      ('tt_worker', 'received_files', 'tenantId'),
      ('tt_worker', 'delivery_reconciliation', 'tenantId'),
      ('tt_worker', 'webhook_attempts', 'tenantId'),
      ('tt_worker', 'webhook_health', 'tenantId'),
      ('tt_worker', 'mail_attachments', 'tenantId'),
      ('tt_worker', 'mail_marks', 'tenantId'),
      ('tt_worker', 'mail_messages', 'tenantId'),
      ('tt_worker', 'mail_folders', 'tenantId'),
      ('tt_worker', 'mail_imports', 'tenantId'),
      ('tt_worker', 'mail_requests', 'tenantId'),
      ('tt_worker', 'mailboxes', 'tenantId'),
      ('tt_worker', 'mail_tenants', 'tenantId'),
      ('tt_worker', 'automation_effects', 'tenantId'),
      ('tt_worker', 'automation_runs', 'tenantId'),
      ('tt_worker', 'automations', 'tenantId'),
      ('tt_worker', 'automation_changes', 'tenantId'),
      ('tt_worker', 'automation_users', 'tenantId'),
      ('tt_worker', 'kept_answers', 'tenantId'),
      ('tt_worker', 'invoice_readers', 'tenantId'),
      ('tt_worker', 'provider_calls', 'tenantId'),
      ('tt_worker', 'usage_months', 'tenantId'),
      ('tt_worker', 'control_log', 'tenantId'),
      ('tt_worker', 'tenant_pauses', 'tenantId')
    ) AS listed (place, name, tenant)
  LOOP
    found := to_regclass(format('%I.%I', kept.place, kept.name));
    CONTINUE WHEN found IS NULL;

    IF removing THEN
      -- Only where it was this script that switched it on; the API may have policies of its own.
      IF EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = found AND polname = 'tt_worker_others') THEN
        EXECUTE format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY', kept.place, kept.name);
      END IF;
      EXECUTE format('DROP POLICY IF EXISTS tt_worker_others ON %I.%I', kept.place, kept.name);
      EXECUTE format('DROP POLICY IF EXISTS tt_worker_rows ON %I.%I', kept.place, kept.name);
      EXECUTE format('DROP POLICY IF EXISTS tt_worker_tenant ON %I.%I', kept.place, kept.name);
      CONTINUE;
    END IF;

    -- For everybody else nothing changes; where the API has switched it on itself, its own policies decide about them.
    IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = found) THEN
      EXECUTE format('DROP POLICY IF EXISTS tt_worker_others ON %I.%I', kept.place, kept.name);
      EXECUTE format('CREATE POLICY tt_worker_others ON %I.%I USING (current_user <> %L)', kept.place, kept.name, worker);
      EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', kept.place, kept.name);
    END IF;
    -- Whatever other policies let through, this one narrows.
    EXECUTE format('DROP POLICY IF EXISTS tt_worker_rows ON %I.%I', kept.place, kept.name);
    EXECUTE format('CREATE POLICY tt_worker_rows ON %I.%I TO %I USING (true)', kept.place, kept.name, worker);
    EXECUTE format('DROP POLICY IF EXISTS tt_worker_tenant ON %I.%I', kept.place, kept.name);
    EXECUTE format('CREATE POLICY tt_worker_tenant ON %I.%I AS RESTRICTIVE TO %I USING (%s = ''*'' OR %I = %s)', kept.place, kept.name, worker, about, kept.tenant, about);
  END LOOP;
END
$rls$;
