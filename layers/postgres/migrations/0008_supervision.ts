import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** Queues that operators let run empty, and when the reconciler last found the job of an open run alive. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE tt_worker.queue_controls ADD COLUMN draining boolean NOT NULL DEFAULT false`
  yield* sql`ALTER TABLE tt_worker.occurrences ADD COLUMN "checkedAt" timestamptz`
  yield* sql`COMMENT ON COLUMN tt_worker.occurrences."checkedAt" IS 'when its job was last found alive; the run is not looked at again for a while'`
  yield* sql`CREATE INDEX occurrences_to_check ON tt_worker.occurrences (coalesce("checkedAt", "enqueuedAt")) WHERE state = 'enqueued' AND queue IS NOT NULL`
})
