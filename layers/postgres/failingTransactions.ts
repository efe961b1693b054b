import { Effect } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"

/**
 * A client whose transactions fail when they cannot be ended. As it comes, what goes wrong while a transaction is rolled
 * back, or after a commit that failed, is a defect: a connection that breaks there would count as a fault of the program,
 * and use up an attempt of the job, instead of being the database's absence that it is.
 */
export const failingTransactions = <Client extends SqlClient.SqlClient>(client: Client): Client => {
  const { withTransaction } = client
  return Object.assign(client, {
    withTransaction: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      withTransaction(effect).pipe(Effect.catchDefect((defect) => isSqlError(defect) ? Effect.fail(defect) : Effect.die(defect)))
  })
}
