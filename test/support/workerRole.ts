import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Redacted } from "effect"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { migrateQueueTables } from "../../layers/bullmq/queueTables.ts"
import { query } from "../../layers/embedded/connection.ts"
import { runMigrations } from "../../layers/postgres/Migrations.ts"

export const workerRole = "tt_worker_app"

/** The same database as another role, or with settings for the session. */
export const changed = (url: Redacted.Redacted, change: (url: URL) => void): Redacted.Redacted => {
  const address = new URL(Redacted.value(url))
  change(address)
  return Redacted.make(address.href)
}

/** The same database for the role that makes no tables. */
export const asWorker = (url: Redacted.Redacted) =>
  changed(url, (address) => {
    address.username = workerRole
    address.password = "secret"
  })

/** Made once for the server of a test file. */
export const makeWorkerRole = (owner: Redacted.Redacted) =>
  query(owner, `DO $$ BEGIN CREATE ROLE ${workerRole} LOGIN PASSWORD 'secret'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)

/** Runs one of deploy/postgres as an operator would: as the owner, with its settings by PGOPTIONS. */
export const runScript = Effect.fnUntraced(function*(owner: Redacted.Redacted, name: "grants" | "row-level-security", settings: Readonly<Record<string, string>> = {}) {
  const text = yield* Effect.promise(() => readFile(fileURLToPath(new URL(`../../deploy/postgres/${name}.sql`, import.meta.url)), "utf8"))
  const options = Object.entries(settings).map(([key, value]) => `-c ${key}=${value}`).join(" ")
  yield* query(changed(owner, (address) => {
    if (options !== "") address.searchParams.set("options", options)
  }), text)
})

/** Migrated by its owner, then narrowed to tenants for the worker's role. Its address for that role, which may also fill the API's tables, as tests do. */
export const narrowedDatabase = Effect.fnUntraced(function*(owner: Redacted.Redacted) {
  yield* Effect.andThen(runMigrations, migrateQueueTables(owner)).pipe(Effect.provide(PgClient.layer({ url: owner, maxConnections: 2 })))
  yield* makeWorkerRole(owner)
  yield* runScript(owner, "grants")
  yield* query(owner, `GRANT ALL ON ALL TABLES IN SCHEMA public, tt_worker, bullmq TO ${workerRole}`)
  yield* runScript(owner, "row-level-security")
  return asWorker(owner)
}, Effect.orDie)
