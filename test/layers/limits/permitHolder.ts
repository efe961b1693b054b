import { Effect, Layer, Redacted } from "effect"
import { limits } from "../../../layers/limits/SharedLimits.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import * as PostgresLimitStores from "../../../layers/postgres/limits/PostgresLimitStores.ts"
import { Limits } from "../../../src/services/Limits.ts"
import { databaseAt } from "../../support/invoiceTables.ts"

/** A process that holds the one permit of a key until it is killed: `node permitHolder.ts <database url> <key>`. */
const [url = "", key = ""] = process.argv.slice(2)
const work = Effect.andThen(Effect.sync(() => process.stdout.write("held\n")), Effect.never)
const stores = PostgresLimitStores.layer.pipe(Layer.provide(Postgres.layer({ database: databaseAt(Redacted.make(url)), migrate: false, waits: false })))

await Effect.runPromise(Limits.use(({ withLimits }) => withLimits(key, { concurrency: 1 }, work)).pipe(Effect.provide(limits.pipe(Layer.provide(stores)))))
