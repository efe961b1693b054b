import * as PgClient from "@effect/sql-pg/PgClient"
import { Console, Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { table } from "../../programs/cli/table.ts"
import { mailWith } from "../support/mails.ts"
import { OwnPostgres } from "../support/ownPostgres.ts"
import { tempDir } from "../support/tempDir.ts"
import { until } from "../support/until.ts"
import { emulatedMailbox } from "./imap.ts"

/** `npm run demo -- --mail`: a mailbox on this machine, the real worker beside it, and what becomes of each mail. */

const worker = fileURLToPath(new URL("../../dist/main.js", import.meta.url))
const sample = (name: string) => readFileSync(fileURLToPath(new URL(`../../samples/${name}`, import.meta.url)))
const attached = (name: string, type: string) => ({ name, type, bytes: sample(name) })

const invoice = mailWith({ subject: "Votre facture de mars", attachments: [attached("facture-facturx.pdf", "application/octet-stream")] })
const mails = [
  invoice,
  mailWith({ subject: "Réunion de chantier jeudi" }),
  mailWith({ subject: "Deux factures", attachments: [attached("facture-texte.pdf", "application/pdf"), attached("facture-xrechnung.xml", "text/xml")] }),
  `From: chef@firme.example\r\nSubject: Fwd: Votre facture de mars\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n${invoice}\r\n--f--\r\n`,
  mailWith({ subject: "Absence du bureau", headers: ["Auto-Submitted: auto-replied"], attachments: [attached("facture-photo.jpg", "image/jpeg")] })
]

interface Row {
  readonly subject: string | null
  readonly state: string
  readonly reason: string | null
  readonly name: string | null
  readonly outcome: string | null
  readonly status: string | null
  readonly supplierName: string | null
  readonly total: string | null
}

const demo = Effect.gen(function*() {
  const folder = yield* tempDir
  const url = yield* (yield* OwnPostgres).makeDatabase
  const box = yield* emulatedMailbox(mails.map((mail) => Buffer.from(mail)))
  const environment = { DATABASE_URL: Redacted.value(url), QUEUE: "postgres", DATA_DIR: folder, OPS_PORT: "0", LOG_LEVEL: "error", MAIL_PORTS: String(box.port), ALLOWED_PRIVATE_HOSTS: "localhost" }
  yield* Console.log(`A mailbox with ${mails.length} mails listens on ${box.host}:${box.port} (IMAP with TLS); the worker starts beside it.\n`)
  yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [worker, "start"], {
      // oxlint-disable-next-line node/no-process-env -- the demo is the real program in its own environment
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "inherit"]
    })),
    (child) => Effect.callback<void>((resume) => {
      if (child.exitCode !== null) return resume(Effect.void)
      child.once("exit", () => resume(Effect.void))
      child.kill("SIGTERM")
    })
  )
  return yield* Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const migrated = sql<{ readonly is: boolean }>`SELECT to_regclass('tt_worker.mailboxes') IS NOT NULL AS is`
    yield* until(migrated, ([row]) => row?.is === true, 60_000)
    const { ca, host, password, port, user } = box
    yield* sql`INSERT INTO tenants (id, name, features, "emailSettings") VALUES ('demo-tenant', 'Démonstration', '{"invoices": true}',
      ${JSON.stringify({ id: "factures", email: "factures@firme.example", host, port, user, password, tls: { ca }, lookBackDays: 3650 })}::text::jsonb)`
    const rows = sql<Row>`SELECT m.subject, m.state, m.reason, a.name, a.outcome, i.status, i."supplierName", i."amountTTC"::text AS total
      FROM tt_worker.mail_messages m
      LEFT JOIN tt_worker.mail_attachments a USING ("tenantId", "mailboxId", folder, "uidValidity", uid)
      LEFT JOIN invoices i ON i."tenantId" = m."tenantId" AND i.id = a."invoiceId"
      WHERE m."tenantId" = 'demo-tenant' ORDER BY m.uid, a.n`
    const seen = yield* until(rows, (all) => new Set(all.map(({ subject }) => subject)).size === mails.length && all.every(({ status }) => status === null || status === "processed"), 120_000)
    yield* Console.log(table([
      ["mail", "attachment", "", "invoice", "supplier", "TTC"],
      ...seen.map(({ name, outcome, reason, state, status, subject, supplierName, total }) =>
        [subject ?? "", name ?? "", outcome ?? `${state}: ${reason ?? ""}`, status ?? "", supplierName ?? "", total ?? ""])
    ]))
    const imported = seen.filter(({ outcome }) => outcome === "imported").length
    const known = seen.filter(({ outcome }) => outcome === "duplicate").length
    const well = imported === 3 && known === 1
    yield* Console.log(well ? "\nThree invoices were imported once each, the forwarded one was known, and the absence notice was left out." : `\nNot as it should be: ${imported} imported, ${known} known.`)
    return well ? 0 : 1
  }).pipe(Effect.provide(PgClient.layer({ url, maxConnections: 2 })))
}).pipe(Effect.scoped, Effect.provide(OwnPostgres.layer))

process.exitCode = await Effect.runPromise(demo)
