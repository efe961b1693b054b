import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Features } from "../../src/domain/Features.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import { Tenants, TenantsError } from "../../src/services/Tenants.ts"

const decodeFeatures = Schema.decodeUnknownEffect(Schema.NullOr(Features))

/** `Tenants` in PostgreSQL. */
export const PostgresTenants: Layer.Layer<Tenants, never, SqlClient.SqlClient> = Layer.effect(
  Tenants,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    return Tenants.of({
      features: Effect.fn("Tenants.features")(function*(tenantId: TenantId) {
        const rows = yield* sql<{ readonly features: unknown }>`SELECT features FROM tenants WHERE id = ${tenantId}`.pipe(
          Effect.mapError((cause) => new TenantsError({ tenantId, reason: "unavailable", detail: `the settings could not be read: ${cause.message}`, cause }))
        )
        const row = rows[0]
        if (row === undefined) return null
        return yield* decodeFeatures(row.features ?? {}).pipe(
          Effect.mapError((cause) => new TenantsError({ tenantId, reason: "unreadable-features", detail: `features: ${cause.message}`, cause }))
        )
      })
    })
  })
)
