import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { chown, copyFile, chmod } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { query } from "../../../layers/embedded/connection.ts"
import { EmbeddedPostgres } from "../../../layers/embedded/EmbeddedPostgres.ts"
import { systemUser } from "../../../layers/embedded/serverUser.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { serverMessageOf } from "../../../layers/postgres/sqlState.ts"
import { databaseAt } from "../../support/postgresAt.ts"
import { serverOptions } from "../../support/postgresMajor.ts"
import { tempDir } from "../../support/tempDir.ts"

const certificates = fileURLToPath(new URL("../../support/tls/", import.meta.url))

/** A server that speaks TLS, with a certificate for localhost of an authority that no system knows. */
const serverWithTls = Effect.gen(function*() {
  const folder = yield* tempDir
  const [certificate, key] = [join(folder, "server.pem"), join(folder, "server-key.pem")]
  yield* Effect.promise(async () => {
    await copyFile(join(certificates, "server.pem"), certificate)
    await copyFile(join(certificates, "server-key.pem"), key)
    await chmod(key, 0o600)
  })
  if (process.geteuid?.() === 0) {
    const { gid, uid } = yield* systemUser("postgres")
    yield* Effect.promise(() => chown(key, uid, gid))
  }
  const context = yield* Layer.build(EmbeddedPostgres.layer({
    ...serverOptions,
    dataDir: folder,
    mode: "own",
    settings: { ...serverOptions.settings, fsync: "off", ssl: "on", ssl_cert_file: certificate, ssl_key_file: key }
  }))
  return (parameters: string) => Redacted.make(`${Redacted.value(Context.get(context, EmbeddedPostgres).url)}?${parameters}`)
})

/** Whether the pool's connection is encrypted; or what was said instead. */
const encrypted = (url: Redacted.Redacted) =>
  SqlClient.SqlClient.use((sql) => sql<{ readonly ssl: boolean }>`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).pipe(
    Effect.map(([row]) => row?.ssl),
    Effect.provide(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false })),
    Effect.catch((error) => Effect.succeed(error._tag === "PostgresUnusable" ? error.message : serverMessageOf(error)))
  )

/** The same for BullMQ's driver. */
const encryptedQueue = (url: Redacted.Redacted) =>
  query(databaseAt(url).url, "SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl").pipe(Effect.map((rows) => rows === 1), Effect.catch((error) => Effect.succeed(error.message)))

const trusting = `sslrootcert=${encodeURIComponent(join(certificates, "ca.pem"))}`

describe("a DATABASE_URL with TLS", () => {
  it.live("is encrypted and checked by both drivers, or refused: never in the clear where it says require", () =>
    Effect.gen(function*() {
      const at = yield* serverWithTls
      for (const mode of ["require", "verify-ca", "verify-full"]) {
        assert.isTrue(yield* encrypted(at(`sslmode=${mode}&${trusting}`)), mode)
        assert.isTrue(yield* encryptedQueue(at(`sslmode=${mode}&${trusting}`)), mode)
        const unknown = [yield* encrypted(at(`sslmode=${mode}`)), yield* encryptedQueue(at(`sslmode=${mode}`))]
        for (const said of unknown) assert.match(String(said), /certificate|self-signed|TLS|Failed to connect/i, mode)
        assert.include(String(unknown[0]), "check DATABASE_URL")
      }
      assert.deepStrictEqual([yield* encrypted(at("sslmode=disable")), yield* encryptedQueue(at("sslmode=disable"))], [false, false])
      assert.include(String(yield* encrypted(at("sslmode=require&sslrootcert=/nowhere/ca.pem"))), "the file that its parameter sslrootcert names cannot be read; check DATABASE_URL")
    }).pipe(Effect.scoped), 90_000)
})
