import { Schema } from "effect"

/** One committed write on an invoice's row, as the trigger saw it. Of one invoice they come in the order of commits, for the row is locked. */
export const LedgerEntry = Schema.Struct({
  invoiceId: Schema.String,
  /** Milliseconds since 1970 by the database's clock, which is this machine's. */
  at: Schema.Number,
  from: Schema.String,
  to: Schema.String,
  /** Anything that a reading writes was changed, not only status and error. */
  fieldsChanged: Schema.Boolean,
  /** Fencing token and generation of the claim at that moment; null where there is none. */
  epoch: Schema.NullOr(Schema.Number),
  generation: Schema.NullOr(Schema.Number),
  /** The writer's port, which names its worker. */
  clientPort: Schema.NullOr(Schema.Number)
})
export type LedgerEntry = typeof LedgerEntry.Type

export const FinalRow = Schema.Struct({ invoiceId: Schema.String, status: Schema.String, errorCode: Schema.NullOr(Schema.String) })
export type FinalRow = typeof FinalRow.Type

/** The ledger's own schema and the trigger; the tables of the worker must be there. */
export const ledgerTables = `
  CREATE SCHEMA chaos;
  CREATE TABLE chaos.ledger (
    id bigserial PRIMARY KEY, "invoiceId" text NOT NULL, at double precision NOT NULL, "from" text NOT NULL, "to" text NOT NULL,
    "fieldsChanged" boolean NOT NULL, epoch double precision, generation int, "clientPort" int, transaction xid8 NOT NULL DEFAULT pg_current_xact_id()
  );
  CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    claim jsonb;
    aside text[] := '{status,updatedAt,errorCode,errorMessage,processedAt}';
    changed boolean := (to_jsonb(OLD) - aside) IS DISTINCT FROM (to_jsonb(NEW) - aside);
  BEGIN
    -- What one transaction writes is one write: a possible duplicate is flagged after the reading.
    UPDATE chaos.ledger SET "to" = NEW.status::text, "fieldsChanged" = "fieldsChanged" OR changed
      WHERE "invoiceId" = NEW.id AND transaction = pg_current_xact_id();
    IF FOUND THEN RETURN NULL; END IF;
    SELECT to_jsonb(c) INTO claim FROM tt_worker.invoice_claims c WHERE c."tenantId" = NEW."tenantId" AND c."invoiceId" = NEW.id;
    INSERT INTO chaos.ledger ("invoiceId", at, "from", "to", "fieldsChanged", epoch, generation, "clientPort")
    VALUES (NEW.id, extract(epoch FROM clock_timestamp()) * 1000, OLD.status::text, NEW.status::text,
      changed, (claim->>'epoch')::double precision, (claim->>'generation')::int, inet_client_port());
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos_ledger AFTER UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION chaos.note();
`

export const readLedger = `SELECT "invoiceId", at, "from", "to", "fieldsChanged", epoch, generation, "clientPort" FROM chaos.ledger ORDER BY id`

export const readFinalRows = `SELECT id AS "invoiceId", status::text AS status, "errorCode" FROM invoices`
