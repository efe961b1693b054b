import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** Queues that operators let run empty, who may take whom for dead, and when the job of an open run was last found alive. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE tt_worker.queue_controls ADD COLUMN draining boolean NOT NULL DEFAULT false`

  // When the database comes back from an outage, whoever shows itself first would take all others for dead.
  yield* sql`ALTER TABLE tt_worker.processes ADD COLUMN "steadySince" timestamptz NOT NULL DEFAULT '-infinity'`
  yield* sql`COMMENT ON COLUMN tt_worker.processes."steadySince" IS 'since when it shows itself without a gap: only then can it judge who does not'`
  yield* sql`CREATE OR REPLACE FUNCTION tt_worker.death_of(former text, present text, dead_after double precision) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN former IS NULL OR former = present OR EXISTS (
      SELECT 1 FROM tt_worker.processes WHERE id = former AND ("endedAt" IS NOT NULL OR "heartbeatAt" > clock_timestamp() - dead_after * interval '1 second')
    ) OR EXISTS (
      SELECT 1 FROM tt_worker.processes WHERE id = present AND "steadySince" > clock_timestamp() - dead_after * interval '1 second'
    ) THEN 0 ELSE 1 END
  $$`

  yield* sql`ALTER TABLE tt_worker.occurrences ADD COLUMN "checkedAt" timestamptz`
  yield* sql`COMMENT ON COLUMN tt_worker.occurrences."checkedAt" IS 'when its job was last found alive; the run is not looked at again for a while'`
  yield* sql`CREATE INDEX occurrences_to_check ON tt_worker.occurrences (coalesce("checkedAt", "enqueuedAt")) WHERE state = 'enqueued' AND queue IS NOT NULL`
})
