import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** How each running process is, in its own words, for the console of any of them. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE tt_worker.processes ADD COLUMN status jsonb, ADD COLUMN "statusAt" timestamptz`
})
