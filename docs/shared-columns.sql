-- Written by `npm run docs`. What the worker's migrations add to tables of the API's where it is missing. May be run before
-- them or after them, and again: the outcome is the same. docs/shared-columns.prisma says the same to Prisma.

ALTER TABLE tenants
  ADD COLUMN IF NOT EXISTS "features" jsonb NOT NULL DEFAULT '{}'::jsonb,
  ADD COLUMN IF NOT EXISTS "emailSettings" jsonb;

ALTER TABLE tenant_users
  ADD COLUMN IF NOT EXISTS "archived" boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS "automations" jsonb,
  ADD COLUMN IF NOT EXISTS "country" text;

ALTER TABLE entries
  ADD COLUMN IF NOT EXISTS "breakMinutes" integer,
  ADD COLUMN IF NOT EXISTS "source" text,
  ADD COLUMN IF NOT EXISTS "automationId" text,
  ADD COLUMN IF NOT EXISTS "occurrence" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "occurrenceItem" integer,
  ADD COLUMN IF NOT EXISTS "closedBy" text,
  ADD COLUMN IF NOT EXISTS "exportedAt" timestamp(3) without time zone;

ALTER TABLE invoices
  ADD COLUMN IF NOT EXISTS "status" text NOT NULL DEFAULT 'nouveau'::text,
  ADD COLUMN IF NOT EXISTS "fileName" text,
  ADD COLUMN IF NOT EXISTS "contentType" text,
  ADD COLUMN IF NOT EXISTS "supplierName" text,
  ADD COLUMN IF NOT EXISTS "invoiceNumber" text,
  ADD COLUMN IF NOT EXISTS "invoiceDate" date,
  ADD COLUMN IF NOT EXISTS "dueDate" date,
  ADD COLUMN IF NOT EXISTS "currency" character(3),
  ADD COLUMN IF NOT EXISTS "amountHT" numeric(14,2),
  ADD COLUMN IF NOT EXISTS "amountTVA" numeric(14,2),
  ADD COLUMN IF NOT EXISTS "amountTTC" numeric(14,2),
  ADD COLUMN IF NOT EXISTS "confidence" real,
  ADD COLUMN IF NOT EXISTS "needsReview" boolean,
  ADD COLUMN IF NOT EXISTS "errorCode" text,
  ADD COLUMN IF NOT EXISTS "errorMessage" text,
  ADD COLUMN IF NOT EXISTS "archived" boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS "documentType" text,
  ADD COLUMN IF NOT EXISTS "iban" text,
  ADD COLUMN IF NOT EXISTS "supplierVatNumber" text,
  ADD COLUMN IF NOT EXISTS "supplierSiren" text,
  ADD COLUMN IF NOT EXISTS "supplierSiret" text,
  ADD COLUMN IF NOT EXISTS "vatLines" jsonb,
  ADD COLUMN IF NOT EXISTS "lineItems" jsonb,
  ADD COLUMN IF NOT EXISTS "readingSource" text,
  ADD COLUMN IF NOT EXISTS "evidence" jsonb,
  ADD COLUMN IF NOT EXISTS "warnings" jsonb,
  ADD COLUMN IF NOT EXISTS "processedAt" timestamp(3) without time zone;

ALTER TABLE webhooks
  ADD COLUMN IF NOT EXISTS "secret" text,
  ADD COLUMN IF NOT EXISTS "active" boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS "ordering" text NOT NULL DEFAULT 'none'::text,
  ADD COLUMN IF NOT EXISTS "retrySchedule" integer[],
  ADD COLUMN IF NOT EXISTS "maxConcurrency" integer,
  ADD COLUMN IF NOT EXISTS "maxPerMinute" integer,
  ADD COLUMN IF NOT EXISTS "previousSecret" text,
  ADD COLUMN IF NOT EXISTS "previousSecretUntil" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "disabledAt" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "disabledReason" text,
  ADD COLUMN IF NOT EXISTS "failingSince" timestamp(3) without time zone;

ALTER TABLE webhook_deliveries
  ADD COLUMN IF NOT EXISTS "responseStatus" integer,
  ADD COLUMN IF NOT EXISTS "durationMs" integer,
  ADD COLUMN IF NOT EXISTS "eventId" text,
  ADD COLUMN IF NOT EXISTS "idempotencyKey" text,
  ADD COLUMN IF NOT EXISTS "body" text,
  ADD COLUMN IF NOT EXISTS "bodyHash" text,
  ADD COLUMN IF NOT EXISTS "orderingKey" text,
  ADD COLUMN IF NOT EXISTS "orderingSequence" bigint,
  ADD COLUMN IF NOT EXISTS "attemptNumber" integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS "attemptStartedAt" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "nextAttemptAt" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "finishedAt" timestamp(3) without time zone,
  ADD COLUMN IF NOT EXISTS "errorClass" text,
  ADD COLUMN IF NOT EXISTS "errorMessage" text,
  ADD COLUMN IF NOT EXISTS "timings" jsonb,
  ADD COLUMN IF NOT EXISTS "requestHeaders" jsonb,
  ADD COLUMN IF NOT EXISTS "responseHeaders" jsonb,
  ADD COLUMN IF NOT EXISTS "responseExcerpt" text,
  ADD COLUMN IF NOT EXISTS "traceId" text,
  ADD COLUMN IF NOT EXISTS "jobId" text,
  ADD COLUMN IF NOT EXISTS "replays" integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS "replaying" boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS "claimEpoch" bigint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS "leaseUntil" timestamp with time zone;

CREATE UNIQUE INDEX IF NOT EXISTS entries_automation_occurrence ON entries USING btree ("tenantUserId", "automationId", occurrence, "occurrenceItem") WHERE ("automationId" IS NOT NULL);
CREATE INDEX IF NOT EXISTS entries_of_user ON entries USING btree ("tenantUserId", "startDate");
CREATE INDEX IF NOT EXISTS invoices_of_number ON invoices USING btree ("tenantId", upper(regexp_replace("invoiceNumber", '\s'::text, ''::text, 'g'::text)));
CREATE INDEX IF NOT EXISTS webhook_deliveries_ordering_idx ON webhook_deliveries USING btree ("webhookId", "orderingKey", "orderingSequence") WHERE ("orderingKey" IS NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS "webhook_deliveries_webhookId_eventId_key" ON webhook_deliveries USING btree ("webhookId", "eventId") WHERE ("eventId" IS NOT NULL);
