import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * The tables shared with the API. The API owns them: where it has made them, only the columns that this worker
 * writes and that are missing are added, nullable or with a default. Nothing is ever dropped, renamed or retyped.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE IF NOT EXISTS tenants (
    id text PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    features jsonb NOT NULL DEFAULT '{}',
    "emailSettings" jsonb
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS tenant_users (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    "userId" text,
    name text,
    archived boolean NOT NULL DEFAULT false,
    "vehicleId" text,
    automations jsonb
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS projects (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    name text,
    archived boolean NOT NULL DEFAULT false
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS entries (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    "tenantUserId" text NOT NULL,
    "projectId" text,
    "taskId" text,
    "startDate" timestamp(3) NOT NULL,
    "endDate" timestamp(3),
    status text NOT NULL DEFAULT 'pending',
    note text
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS invoices (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    "tenantUserId" text,
    status text NOT NULL DEFAULT 'nouveau',
    "fileKey" text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS webhooks (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL,
    url text NOT NULL,
    secret text,
    events text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`
  yield* sql`CREATE TABLE IF NOT EXISTS webhook_deliveries (
    id text PRIMARY KEY,
    "webhookId" text NOT NULL,
    "tenantId" text NOT NULL,
    event text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'pending',
    "responseStatus" integer,
    "durationMs" integer,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`

  yield* sql`ALTER TABLE tenants
    ADD COLUMN IF NOT EXISTS features jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS "emailSettings" jsonb`
  yield* sql`ALTER TABLE tenant_users
    ADD COLUMN IF NOT EXISTS archived boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS automations jsonb`
  yield* sql`ALTER TABLE invoices
    ADD COLUMN IF NOT EXISTS status text NOT NULL DEFAULT 'nouveau',
    ADD COLUMN IF NOT EXISTS "fileName" text,
    ADD COLUMN IF NOT EXISTS "contentType" text,
    ADD COLUMN IF NOT EXISTS "supplierName" text,
    ADD COLUMN IF NOT EXISTS "invoiceNumber" text,
    ADD COLUMN IF NOT EXISTS "invoiceDate" date,
    ADD COLUMN IF NOT EXISTS "dueDate" date,
    ADD COLUMN IF NOT EXISTS currency char(3),
    ADD COLUMN IF NOT EXISTS "amountHT" numeric(14,2),
    ADD COLUMN IF NOT EXISTS "amountTVA" numeric(14,2),
    ADD COLUMN IF NOT EXISTS "amountTTC" numeric(14,2),
    ADD COLUMN IF NOT EXISTS confidence real,
    ADD COLUMN IF NOT EXISTS "needsReview" boolean,
    ADD COLUMN IF NOT EXISTS "errorCode" text,
    ADD COLUMN IF NOT EXISTS "errorMessage" text,
    ADD COLUMN IF NOT EXISTS archived boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS "documentType" text,
    ADD COLUMN IF NOT EXISTS iban text,
    ADD COLUMN IF NOT EXISTS "supplierVatNumber" text,
    ADD COLUMN IF NOT EXISTS "supplierSiren" text,
    ADD COLUMN IF NOT EXISTS "supplierSiret" text,
    ADD COLUMN IF NOT EXISTS "vatLines" jsonb,
    ADD COLUMN IF NOT EXISTS "lineItems" jsonb,
    ADD COLUMN IF NOT EXISTS "readingSource" text,
    ADD COLUMN IF NOT EXISTS evidence jsonb,
    ADD COLUMN IF NOT EXISTS warnings jsonb,
    ADD COLUMN IF NOT EXISTS "processedAt" timestamp(3)`
  yield* sql`ALTER TABLE webhooks
    ADD COLUMN IF NOT EXISTS secret text,
    ADD COLUMN IF NOT EXISTS active boolean NOT NULL DEFAULT true`
  yield* sql`ALTER TABLE webhook_deliveries
    ADD COLUMN IF NOT EXISTS "responseStatus" integer,
    ADD COLUMN IF NOT EXISTS "durationMs" integer`
})
