import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Client } from "pg"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import { type InstalledPackage, installPackage } from "../support/installedPackage.ts"
import { DatabaseAddress, newOutboxTables } from "../support/outboxTables.ts"
import { OwnPostgres } from "../support/ownPostgres.ts"

const page = readFileSync(new URL("../../docs/from-your-api.md", import.meta.url), "utf8")

/** Each example as it stands on the page, by the file that it is copied into. */
const examples = new Map([...page.matchAll(/<!-- example: (\S+) -->\n```\w+\n([^]*?)\n```/g)].map(([, file = "", text = ""]) => [file, text]))

const example = (file: string): string => examples.get(file) ?? assert.fail(`the page has no example ${file}`)

/** An API with this package, pg, Knex and something in the shape of a Prisma client installed. */
const ownApi = Effect.acquireRelease(
  Effect.sync(() => {
    const installed = installPackage(["src/contract", "src/producer"], ["pg", "knex"])
    const prisma = path.join(installed.api, "node_modules/@prisma/client")
    mkdirSync(prisma, { recursive: true })
    cpSync(fileURLToPath(new URL("../support/prismaShape.mjs", import.meta.url)), path.join(prisma, "index.mjs"))
    writeFileSync(path.join(prisma, "package.json"), JSON.stringify({ name: "@prisma/client", type: "module", exports: "./index.mjs" }))
    return installed
  }),
  ({ remove }) => Effect.sync(remove)
)

const tables = Layer.provideMerge(newOutboxTables, OwnPostgres.layer)

layer(tables, { excludeTestServices: true })("the page for API developers", (it) => {
  const seed = Effect.fnUntraced(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* (yield* JobOutbox).announceBackend("redis")
    for (const table of ["webhook_deliveries", "webhooks", "entries", "invoices", "tt_worker.outbox", "tt_worker.invoice_claims"]) yield* sql.unsafe(`DELETE FROM ${table}`)
    yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES ('w1', 't1', 'https://x.test/in', '{entry.*}')`
    yield* sql`INSERT INTO entries (id, "tenantId", "tenantUserId", "startDate") VALUES ('e1', 't1', 'u1', now())`
    yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status) VALUES ('i1', 't1', 'files/1', 'processed')`
  })
  const state = Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = <A>(text: string) => Effect.map(sql.unsafe<{ readonly value: A }>(text), (all) => all.map(({ value }) => value))
    return {
      entry: yield* rows<string>(`SELECT status AS value FROM entries`),
      deliveries: yield* rows<string>(`SELECT event || ' ' || (body::json->>'id') || ' ' || (body::json->>'status') AS value FROM webhook_deliveries`),
      jobs: yield* rows<string>(`SELECT queue AS value FROM tt_worker.outbox ORDER BY id`)
    }
  })
  const run = Effect.fnUntraced(function*(installed: InstalledPackage, file: string, calls: string) {
    writeFileSync(path.join(installed.api, file), example(file))
    writeFileSync(path.join(installed.api, "run.mjs"), `import * as example from "./${file}"\n${calls}`)
    const output = execFileSync(process.execPath, ["run.mjs"], {
      cwd: installed.api,
      encoding: "utf8",
      env: { DATABASE_URL: Redacted.value(yield* DatabaseAddress) }
    })
    const answer: unknown = JSON.parse(output)
    return answer
  })
  const approved = { entry: ["approved"], deliveries: ["entry.approved e1 approved"], jobs: ["webhook-delivery"] }

  it.effect("has examples for Prisma, pg and Knex that run as they stand there", () =>
    Effect.gen(function*() {
      const installed = yield* ownApi
      for (const file of ["pg.ts", "knex.ts"]) {
        yield* seed()
        const emitted = yield* run(installed, file, `console.log(JSON.stringify(await example.approveEntry("t1", "e1"))); await example.close()`)
        assert.hasAllKeys(emitted, ["eventId", "deliveryIds"])
        assert.deepStrictEqual(yield* state, approved, file)
      }
      yield* seed()
      const answer = yield* run(installed, "prisma.ts", `
        await example.uploadInvoice("t1", "i2", "files/2")
        await example.approveEntry("t1", "e1")
        console.log(JSON.stringify([await example.readAgain("t1", "i1"), await example.readAgain("t2", "i1")]))
        process.exit()`)
      assert.containsSubset(answer, [{ outcome: "asked", generation: 2 }, { outcome: "not-found" }])
      assert.deepStrictEqual(yield* state, { ...approved, jobs: ["invoice-processing", "webhook-delivery", "invoice-processing"] })
    }))

  it.effect("has an example in plain SQL that runs as it stands there, also by a role with the rights that the page gives it", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* seed()
      yield* sql`CREATE ROLE api`
      yield* sql`GRANT SELECT, UPDATE ON entries TO api`
      const url = Redacted.value(yield* DatabaseAddress)
      const asApi = (statements: ReadonlyArray<string>) =>
        Effect.tryPromise(async () => {
          const client = new Client({ connectionString: url })
          await client.connect()
          try {
            for (const statement of statements) await client.query(statement)
          } finally {
            await client.end()
          }
        })
      yield* Effect.flip(asApi(["SET ROLE api", example("plain.sql")]))
      yield* asApi([example("grant.sql"), "SET ROLE api", example("plain.sql")])
      assert.deepStrictEqual(yield* state, { ...approved, jobs: ["webhook-delivery", "email-sync", "invoice-processing"] })
    }))
})
