import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "effect/sql/SqlClient"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { mailWith } from "./support/mails.ts"
import { OwnDovecot } from "./support/ownDovecot.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { runWorker, startWorker } from "./support/worker.ts"

const eInvoice = readFileSync(fileURLToPath(new URL("../samples/facture-xrechnung.xml", import.meta.url)), "utf8")
const mails = 12

layer(Layer.mergeAll(OwnPostgres.layer, OwnDovecot.layer()), { excludeTestServices: true, timeout: "170 seconds" })("the worker beside a real mailbox", (it) => {
  it.effect("imports what is in it without being asked, each once although it is killed in the middle, and has it read", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const dovecot = yield* OwnDovecot
      const url = yield* (yield* OwnPostgres).makeDatabase
      const env = {
        DATABASE_URL: Redacted.value(url),
        QUEUE: "postgres",
        MAIL_PORTS: String(dovecot.port),
        ALLOWED_PRIVATE_HOSTS: "localhost",
        MAIL_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`
      }
      assert.strictEqual((yield* runWorker(folder, ["migrate"], env)).status, 0)
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, Array.from({ length: mails }, (_, n) =>
        mailWith({ attachments: [{ name: `facture-${n}.xml`, type: "application/xml", bytes: Buffer.from(`${eInvoice}<!-- ${n} -->`) }] })))
      const settings = { id: "box", email: "a@example.test", host: "localhost", port: dovecot.port, tls: { ca: dovecot.ca }, ...account }

      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO tenants (id, name, features, "emailSettings") VALUES ('t1', 'Firm', '{"invoices": true}', ${JSON.stringify(settings)}::text::jsonb)`
        const counts = sql<{ readonly imported: number; readonly processed: number }>`SELECT count(*)::int AS imported, count(*) FILTER (WHERE status = 'processed')::int AS processed FROM invoices`
        const first = yield* startWorker(folder, [], env)
        yield* until(counts, ([row]) => (row?.imported ?? 0) > 0, 60_000)
        first.child.kill("SIGKILL")
        yield* first.ended

        const second = yield* startWorker(folder, [], env)
        yield* until(counts, ([row]) => row?.processed === mails, 90_000)
        const [distinct] = yield* sql<{ readonly n: number }>`SELECT count(DISTINCT "fileName")::int AS n FROM invoices`
        assert.strictEqual((yield* counts)[0]?.imported, mails)
        assert.strictEqual(distinct?.n, mails)

        const tested = yield* runWorker(folder, ["mail", "test-connection", "--tenant", "t1", "--mailbox", "box"], env)
        assert.include(tested.stdout, `The connection works (INBOX: ${mails} mails).`)
        const [request] = yield* sql<{ readonly id: string }>`SELECT tt_worker.request_mail('t1', 'test-connection', NULL, ${JSON.stringify({ ...settings, password: "wrong" })}::text::jsonb)::text AS id`
        const answers = sql<{ readonly answer: string | null; readonly settings: unknown; readonly step: string }>`SELECT answer, settings, step FROM tt_worker.mail_requests WHERE id = ${request?.id ?? ""}::text::uuid`
        const [answer] = yield* until(answers, ([row]) => row?.answer !== null, 20_000)
        assert.deepStrictEqual({ ...answer }, { answer: "The password was refused by localhost.", settings: null, step: "login" })
        second.child.kill("SIGTERM")
        assert.strictEqual((yield* second.ended).status, 0)
        assert.notInclude(`${first.stdout()}${first.stderr()}${second.stdout()}${second.stderr()}`, account.password)
      }).pipe(Effect.provide(PgClient.layer({ url, maxConnections: 2 })))
    }), 170_000)
})
