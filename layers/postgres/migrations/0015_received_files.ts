import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** What came in, as it came in: by this a file that was changed afterwards is told. Written once for a key, never changed. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.received_files (
    "tenantId" text NOT NULL,
    "fileKey" text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    "recordedAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenantId", "fileKey")
  )`
  yield* sql`COMMENT ON TABLE tt_worker.received_files IS 'sha256 and size of each original, recorded when the worker first had it in hand'`
})
