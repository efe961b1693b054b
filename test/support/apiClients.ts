import { Effect, Redacted } from "effect"
import knex from "knex"
import { Client } from "pg"
import { fromKnex, fromPrisma, type Transaction } from "../../src/producer/index.ts"
import { DatabaseAddress } from "./outboxTables.ts"

/** Runs the work in one transaction of the API's client; an error rolls it back. */
export type InTransaction = <A>(work: (tx: Transaction) => Promise<A>) => Promise<A>

const pgClient = Effect.gen(function*() {
  const url = yield* DatabaseAddress
  return yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: Redacted.value(url) })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )
})

const between = (client: Client, tx: Transaction): InTransaction => async (work) => {
  await client.query("BEGIN")
  try {
    const done = await work(tx)
    await client.query("COMMIT")
    return done
  } catch (error) {
    await client.query("ROLLBACK")
    throw error
  }
}

/** The clients that an API may have, on the database of the test. */
export const apiClients = {
  pg: Effect.map(pgClient, (client) => between(client, client)),
  /** In the shape that Prisma documents for `$queryRawUnsafe`: values one by one, rows back. */
  Prisma: Effect.map(pgClient, (client) =>
    between(client, fromPrisma({ $queryRawUnsafe: async (query, ...values) => (await client.query(query, values)).rows }))),
  Knex: Effect.gen(function*() {
    const url = yield* DatabaseAddress
    const database = yield* Effect.acquireRelease(
      Effect.sync(() => knex({ client: "pg", connection: Redacted.value(url), pool: { min: 0, max: 2 } })),
      (database) => Effect.promise(() => database.destroy())
    )
    const inTransaction: InTransaction = (work) => database.transaction((trx) => work(fromKnex(trx)))
    return inTransaction
  })
}
