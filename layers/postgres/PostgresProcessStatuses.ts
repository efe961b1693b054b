import { Effect, Layer, Option, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { ProcessStatus } from "../../src/domain/ProcessStatus.ts"
import { ProcessRegistry, ProcessRegistryError } from "../../src/services/ProcessRegistry.ts"
import { ProcessStatuses } from "../../src/services/ProcessStatuses.ts"

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  version: Schema.String,
  silentSeconds: Schema.Finite,
  status: Schema.Unknown
})))
const decodeStatus = Schema.decodeUnknownOption(ProcessStatus)
const encodeStatus = Schema.encodeSync(Schema.fromJsonString(ProcessStatus))

/** Silent for longer, a process is taken for dead (see `PostgresJobClaims`). */
const deadAfterSeconds = 15

/** `ProcessStatuses` beside the heartbeats of `ProcessRegistry`. */
export const PostgresProcessStatuses: Layer.Layer<ProcessStatuses, never, SqlClient.SqlClient | ProcessRegistry> = Layer.effect(
  ProcessStatuses,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { id } = yield* ProcessRegistry
    const mapped = Effect.mapError((cause: unknown) => new ProcessRegistryError({ detail: cause instanceof Error ? cause.message : "unknown error", cause }))
    return ProcessStatuses.of({
      publish: (status) =>
        sql`UPDATE tt_worker.processes SET status = ${encodeStatus(status)}::text::jsonb, "statusAt" = now() WHERE id = ${id}`.pipe(Effect.asVoid, mapped),
      all: sql`SELECT id, name, version, extract(epoch FROM now() - "heartbeatAt")::float8 AS "silentSeconds", status
        FROM tt_worker.processes
        WHERE "endedAt" IS NULL AND "heartbeatAt" > now() - make_interval(secs => ${deadAfterSeconds})
        ORDER BY name, id`.pipe(
        Effect.flatMap(decodeRows),
        Effect.map((rows) => rows.map((row) => ({ ...row, status: Option.getOrNull(decodeStatus(row.status)) }))),
        mapped
      )
    })
  })
)
