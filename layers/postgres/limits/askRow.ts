import { Context, Effect, Schema } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/**
 * Runs a statement on a connection of its own, whatever transaction its caller is in: what a limit remembers must not
 * be undone with the caller's work, nor its locks be held until the caller commits.
 */
const outsideOfTransactions = (sql: SqlClient.SqlClient) => <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.updateContext(effect, (context: Context.Context<never>) => Context.omit(sql.transactionService)(context))

/** Asks one of the functions of `tt_worker` for its one row. */
export const askRow = (sql: SqlClient.SqlClient) => <A>(schema: Schema.Decoder<A>) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>): Effect.Effect<A, SqlError | Schema.SchemaError> =>
    Effect.flatMap(outsideOfTransactions(sql)(statement), ([row]) => decode(row))
}

export const askNothing = (sql: SqlClient.SqlClient) => (statement: Effect.Effect<unknown, SqlError>): Effect.Effect<void, SqlError> =>
  Effect.asVoid(outsideOfTransactions(sql)(statement))
