/**
 * Tables as an API on Prisma makes them, in one schema: native enums, `timestamp(3)`, `Decimal` without a scale,
 * `"updatedAt"` without a default, columns of its own that may not be null, none of the worker's columns.
 */
export const apiSchema = (schema: string): string => `
  CREATE SCHEMA IF NOT EXISTS "${schema}";
  SET search_path TO "${schema}";
  CREATE TYPE "InvoiceStatus" AS ENUM ('nouveau', 'processing', 'processed', 'error', 'approved', 'paid');
  CREATE TYPE "EntryStatus" AS ENUM ('pending', 'approved', 'rejected');
  CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL, features JSONB,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
  );
  CREATE UNIQUE INDEX "tenants_slug_key" ON tenants(slug);
  CREATE TABLE tenant_users (
    id TEXT NOT NULL PRIMARY KEY, "tenantId" TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE, "userId" TEXT NOT NULL,
    name TEXT NOT NULL, archived BOOLEAN NOT NULL DEFAULT false, "updatedAt" TIMESTAMP(3) NOT NULL
  );
  CREATE TABLE entries (
    id TEXT NOT NULL PRIMARY KEY, "tenantId" TEXT NOT NULL, "tenantUserId" TEXT NOT NULL, "projectId" TEXT, "taskId" TEXT,
    "startDate" TIMESTAMP(3) NOT NULL, "endDate" TIMESTAMP(3), status "EntryStatus" NOT NULL DEFAULT 'pending', note TEXT
  );
  CREATE TABLE invoices (
    id TEXT NOT NULL PRIMARY KEY, "tenantId" TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE, "uploadedById" TEXT,
    status "InvoiceStatus" NOT NULL DEFAULT 'nouveau', "fileKey" TEXT NOT NULL, "fileName" VARCHAR(191) NOT NULL,
    "supplierName" VARCHAR(191), "invoiceDate" TIMESTAMP(3), currency TEXT DEFAULT 'EUR',
    "amountHT" DECIMAL(65,30), "amountTVA" DECIMAL(65,30), "amountTTC" DECIMAL(65,30),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
  );
  CREATE INDEX "invoices_tenantId_status_idx" ON invoices("tenantId", status);
  CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY, "tenantId" TEXT NOT NULL, url TEXT NOT NULL, events TEXT[], "updatedAt" TIMESTAMP(3) NOT NULL
  );
  CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY, "webhookId" TEXT NOT NULL REFERENCES webhooks(id), "tenantId" TEXT NOT NULL, event TEXT NOT NULL,
    payload JSONB NOT NULL, status TEXT NOT NULL DEFAULT 'pending', "updatedAt" TIMESTAMP(3) NOT NULL
  );
  INSERT INTO tenants (id, name, slug, features, "updatedAt") VALUES ('t1', 'Firm', 'firm', '{"invoices": true}', '2026-01-01');
  INSERT INTO invoices (id, "tenantId", "uploadedById", "fileKey", "fileName", "updatedAt") VALUES ('i1', 't1', 'u1', 'files/1', 'a.pdf', '2026-01-01');
  INSERT INTO invoices (id, "tenantId", "uploadedById", status, "fileKey", "fileName", "supplierName", "amountTTC", "invoiceDate", "updatedAt")
    VALUES ('i2', 't1', 'u1', 'approved', 'files/2', 'b.pdf', 'Old & Sons', 12.34, '2026-01-02', '2026-01-03');
`
