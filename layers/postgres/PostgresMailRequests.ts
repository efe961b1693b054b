import { Duration, Effect, Layer, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { TenantId } from "../../src/domain/ids.ts"
import { MailRequests } from "../../src/services/MailRequests.ts"
import { toMailboxesError } from "./mailboxesError.ts"

const decodeTaken = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  id: Schema.String,
  tenantId: TenantId,
  question: Schema.Literals(["test-connection", "dry-run"]),
  mailboxId: Schema.NullOr(Schema.String),
  settings: Schema.Unknown
})))

/** `MailRequests` in PostgreSQL. */
export const PostgresMailRequests: Layer.Layer<MailRequests, never, SqlClient.SqlClient> = Layer.effect(
  MailRequests,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    return MailRequests.of({
      take: (limit, lease) =>
        sql`UPDATE tt_worker.mail_requests SET "takenUntil" = clock_timestamp() + ${Duration.toMillis(lease)} * interval '1 millisecond'
          WHERE id IN (SELECT id FROM tt_worker.mail_requests WHERE "answeredAt" IS NULL AND ("takenUntil" IS NULL OR "takenUntil" < clock_timestamp())
            ORDER BY "askedAt" LIMIT ${limit} FOR UPDATE SKIP LOCKED)
          RETURNING id::text AS id, "tenantId", kind AS question, "mailboxId", settings`.pipe(
          Effect.flatMap(decodeTaken),
          Effect.map((rows) => rows.map(({ settings, ...row }) => ({ ...row, settings: settings === null ? null : Redacted.make(settings) }))),
          Effect.mapError(toMailboxesError(null, "requests could not be looked for"))
        ),
      answer: Effect.fn("MailRequests.answer")(({ id, tenantId }, { answer, details, ok, step }) =>
        sql`UPDATE tt_worker.mail_requests SET "answeredAt" = clock_timestamp(), ok = ${ok}, step = ${step}, answer = ${answer},
            details = ${JSON.stringify(details ?? null)}::text::jsonb, settings = NULL
          WHERE "tenantId" = ${tenantId} AND id = ${id}::text::uuid AND "answeredAt" IS NULL`.pipe(
          Effect.asVoid,
          Effect.mapError(toMailboxesError(tenantId, "an answer could not be recorded"))
        )
      )
    })
  })
)
