import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { StorageKey, TenantId } from "../../src/domain/ids.ts"
import { type FilePrint, ReceivedFiles, ReceivedFilesError } from "../../src/services/ReceivedFiles.ts"
import { isMisfit, serverMessageOf } from "./sqlState.ts"

const decodeRecord = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ sha256: Schema.String, bytes: Schema.FiniteFromString })]))

/** `ReceivedFiles` in PostgreSQL. */
export const PostgresReceivedFiles: Layer.Layer<ReceivedFiles, never, SqlClient.SqlClient> = Layer.effect(
  ReceivedFiles,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    return ReceivedFiles.of({
      check: Effect.fn("ReceivedFiles.check")(function*(tenantId: TenantId, key: StorageKey, print: FilePrint) {
        // Two statements: of two jobs at once, the second sees what the first has written.
        yield* sql`INSERT INTO tt_worker.received_files ("tenantId", "fileKey", sha256, bytes)
          VALUES (${tenantId}, ${key}, ${print.sha256}, ${print.bytes}) ON CONFLICT ("tenantId", "fileKey") DO NOTHING`
        const [received] = yield* sql`SELECT sha256, bytes::text AS bytes FROM tt_worker.received_files WHERE "tenantId" = ${tenantId} AND "fileKey" = ${key}`.pipe(
          Effect.flatMap(decodeRecord)
        )
        if (received.sha256 === print.sha256) return
        return yield* new ReceivedFilesError({
          key,
          reason: "changed",
          detail: `received with ${received.bytes} bytes and sha256 ${received.sha256}, now ${print.bytes} bytes and ${print.sha256}`
        })
      }, (effect, _tenantId, key) =>
        Effect.mapError(effect, (error) => {
          if (error instanceof ReceivedFilesError) return error
          return isSqlError(error) && !isMisfit(error)
            ? new ReceivedFilesError({ key, reason: "unavailable", detail: serverMessageOf(error), cause: error })
            : new ReceivedFilesError({ key, reason: "misfit", detail: isSqlError(error) ? `${serverMessageOf(error)}; the tables do not fit, run \`migrate\`` : "the record does not fit", cause: error })
        }))
    })
  })
)
