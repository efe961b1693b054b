import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { randomUUID } from "node:crypto"
import { ProcessRegistry, ProcessRegistryError } from "../../src/services/ProcessRegistry.ts"
import { version } from "../../src/version.ts"

/** A process that has not shown itself for so long may have been away together with the others. */
const gapSeconds = 5

/** `ProcessRegistry` in PostgreSQL. */
export const PostgresProcessRegistry = (name: string): Layer.Layer<ProcessRegistry, never, SqlClient.SqlClient> =>
  Layer.effect(
    ProcessRegistry,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const id = randomUUID()
      const mapped = Effect.mapError((cause: unknown) => new ProcessRegistryError({ detail: cause instanceof Error ? cause.message : "unknown error", cause }))
      return ProcessRegistry.of({
        id,
        // Upserted, so that a row that somebody removed comes back.
        beat: sql`INSERT INTO tt_worker.processes (id, name, version) VALUES (${id}, ${name}, ${version})
          ON CONFLICT (id) DO UPDATE SET "heartbeatAt" = now(),
            "steadySince" = CASE WHEN processes."heartbeatAt" < now() - ${gapSeconds} * interval '1 second' THEN now() ELSE processes."steadySince" END`.pipe(Effect.asVoid, mapped),
        leave: sql`UPDATE tt_worker.processes SET "endedAt" = now() WHERE id = ${id}`.pipe(Effect.asVoid, mapped)
      })
    })
  )
