import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresProcessRegistry } from "../../../layers/postgres/PostgresProcessRegistry.ts"
import { ProcessRegistry } from "../../../src/services/ProcessRegistry.ts"
import { version } from "../../../src/version.ts"
import { ownTables } from "../../support/invoiceTables.ts"
import { isNarrowed } from "../../support/postgresAt.ts"

const aProcess = (name: string) =>
  Effect.map(Layer.build(Layer.fresh(PostgresProcessRegistry(name))), (context) => Context.get(context, ProcessRegistry))

const rowOf = (id: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<{ readonly name: string; readonly version: string; readonly age: number; readonly ended: boolean }>`
      SELECT name, version, extract(epoch FROM clock_timestamp() - "heartbeatAt")::float8 AS age, "endedAt" IS NOT NULL AS ended
      FROM tt_worker.processes WHERE id = ${id}`, ([row]) => row))

layer(ownTables, { excludeTestServices: true })("the list of running processes", (it) => {
  it.effect("has a process from its first heartbeat on, under an id that is new at every start", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* aProcess("host:1"), yield* aProcess("host:1")]
      assert.notStrictEqual(one.id, other.id)
      assert.isUndefined(yield* rowOf(one.id))
      yield* one.beat
      assert.deepInclude(yield* rowOf(one.id), { name: "host:1", version, ended: false })
      assert.isUndefined(yield* rowOf(other.id))
    }))

  it.effect("sees it live by its heartbeats, also when somebody has removed its row", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { beat, id } = yield* aProcess("p")
      yield* beat
      yield* sql`UPDATE tt_worker.processes SET "heartbeatAt" = now() - interval '1 minute' WHERE id = ${id}`
      yield* beat
      assert.isBelow((yield* rowOf(id))?.age ?? 99, 5)
      yield* sql`DELETE FROM tt_worker.processes WHERE id = ${id}`
      yield* beat
      assert.isDefined(yield* rowOf(id))
    }))

  it.effect("says that it has ended as it should", () =>
    Effect.gen(function*() {
      const { beat, id, leave } = yield* aProcess("p")
      yield* beat
      yield* leave
      assert.isTrue((yield* rowOf(id))?.ended)
    }))

  it.effect.skipIf(isNarrowed)("says what is wrong when it cannot be reached", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { beat } = yield* aProcess("p")
      yield* sql`ALTER TABLE tt_worker.processes RENAME TO away`
      const error = yield* Effect.flip(beat).pipe(Effect.ensuring(Effect.orDie(sql`ALTER TABLE tt_worker.away RENAME TO processes`)))
      assert.include(error.message, "the list of running processes: ")
    }))
})
