import { Effect, Layer } from "effect"
import { parseDatabaseUrl } from "../../src/domain/DatabaseUrl.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from "./EmbeddedPostgres.ts"
import type { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"

/** `DatabaseServer` by the embedded PostgreSQL: started by this process, or joined where one runs already. */
export const layer = (options: EmbeddedPostgresOptions): Layer.Layer<DatabaseServer, EmbeddedPostgresError> =>
  Layer.effect(
    DatabaseServer,
    Effect.gen(function*() {
      const { died, facts, notes, ownership, publish, url } = yield* EmbeddedPostgres
      yield* Effect.forEach(notes, (note) => Effect.logInfo(note), { discard: true })
      const address = yield* Effect.fromResult(parseDatabaseUrl(url)).pipe(Effect.orDie)
      return { address, migrations: address, died, publish, published: facts, joined: ownership === "guest" }
    })
  ).pipe(Layer.provide(EmbeddedPostgres.layer(options)))
