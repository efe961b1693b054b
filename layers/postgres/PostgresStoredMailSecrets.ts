import { Effect, Layer, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { TenantId } from "../../src/domain/ids.ts"
import { StoredMailSecrets } from "../../src/services/StoredMailSecrets.ts"
import { toMailboxesError } from "./mailboxesError.ts"

const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: TenantId })))
const decodeSettings = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ settings: Schema.Unknown })))
const decodeTokens = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ mailboxId: Schema.String, stored: Schema.String })))

const json = (value: Redacted.Redacted<unknown>): string => JSON.stringify(Redacted.value(value) ?? null)

/** `StoredMailSecrets` in PostgreSQL. */
export const PostgresStoredMailSecrets: Layer.Layer<StoredMailSecrets, never, SqlClient.SqlClient> = Layer.effect(
  StoredMailSecrets,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    return StoredMailSecrets.of({
      tenants: Effect.fn("StoredMailSecrets.tenants")((after, limit) =>
        sql`SELECT id FROM tenants WHERE id > ${after ?? ""} AND coalesce("emailSettings", 'null') NOT IN ('null', '[]', '{}') ORDER BY id LIMIT ${limit}`.pipe(
          Effect.flatMap(decodeIds),
          Effect.map((rows) => rows.map(({ id }) => id)),
          Effect.mapError(toMailboxesError(null, "the tenants could not be listed"))
        )
      ),
      read: Effect.fn("StoredMailSecrets.read")(function*(tenantId) {
        const [row] = yield* sql`SELECT "emailSettings" AS settings FROM tenants WHERE id = ${tenantId}`.pipe(Effect.flatMap(decodeSettings))
        const tokens = yield* sql`SELECT "mailboxId", "refreshToken" AS stored FROM tt_worker.mailboxes WHERE "tenantId" = ${tenantId} AND "refreshToken" IS NOT NULL`.pipe(
          Effect.flatMap(decodeTokens)
        )
        return { settings: Redacted.make(row?.settings ?? null), tokens: tokens.map(({ mailboxId, stored }) => ({ mailboxId, stored: Redacted.make(stored) })) }
      }, (effect, tenantId) => Effect.mapError(effect, toMailboxesError(tenantId, "the secrets could not be read"))),
      replaceSettings: Effect.fn("StoredMailSecrets.replaceSettings")((tenantId, before, after) =>
        sql`UPDATE tenants SET "emailSettings" = ${json(after)}::text::jsonb WHERE id = ${tenantId} AND "emailSettings" = ${json(before)}::text::jsonb RETURNING 1`.pipe(
          Effect.map((rows) => rows.length === 1),
          Effect.mapError(toMailboxesError(tenantId, "the settings could not be written"))
        )
      ),
      replaceToken: Effect.fn("StoredMailSecrets.replaceToken")((tenantId, mailboxId, before, after) =>
        sql`UPDATE tt_worker.mailboxes SET "refreshToken" = ${Redacted.value(after)}
          WHERE "tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId} AND "refreshToken" = ${Redacted.value(before)} RETURNING 1`.pipe(
          Effect.map((rows) => rows.length === 1),
          Effect.mapError(toMailboxesError(tenantId, "a token could not be written"))
        )
      )
    })
  })
)
