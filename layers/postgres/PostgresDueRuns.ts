import * as PgClient from "@effect/sql-pg/PgClient"
import { DateTime, Duration, Effect, Layer, Option, Queue, Random, Ref, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { TenantId } from "../../src/domain/ids.ts"
import { catchUpPause, decideDue, type DueDecision } from "../../src/domain/ScheduleCatchUp.ts"
import { CatchUp, ScheduleSpec } from "../../src/domain/ScheduleSpec.ts"
import { DueRuns, type OpenRun } from "../../src/services/DueRuns.ts"
import * as Statements from "./dueRunStatements.ts"
import { gridKey, tenantSlots } from "./PostgresSchedules.ts"
import { toSchedulesError } from "./schedulesError.ts"
import { changesChannel } from "./scheduleStatements.ts"

const DueRow = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  key: Schema.String,
  spec: Schema.Unknown,
  catchUp: Schema.String,
  nextRunAt: Schema.DateTimeUtcFromMillis,
  now: Schema.DateTimeUtcFromMillis
})
type DueRow = typeof DueRow.Type
const decodeDue = Schema.decodeUnknownEffect(Schema.Array(DueRow))
const decodePlan = Schema.decodeUnknownOption(Schema.Struct({ spec: ScheduleSpec, catchUp: CatchUp }))
const decodeTenants = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ slot: Schema.Int })))
const decodeMade = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ enqueued: Schema.Int, tasks: Schema.Int, skipped: Schema.Int })]))
const decodeUntil = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ millis: Schema.NullOr(Schema.Finite) })]))
const decodeTasks = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  task: Schema.String,
  tenantId: Schema.NullOr(TenantId),
  schedule: Schema.String,
  at: Schema.DateTimeUtcFromMillis,
  missed: Schema.Int
})))
const decodeOpen = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  schedule: Schema.String,
  at: Schema.DateTimeUtcFromMillis,
  tenantId: Schema.NullOr(TenantId),
  queue: Schema.String,
  jobId: Schema.String
})))
const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ enqueued: Schema.Int })]))

/**
 * Decisions of one tick. Thousands of crons that are due together are mostly the same cron at the same time: each is
 * worked out once. (An interval's grid is its key's own.)
 */
const decider = () => {
  const known = new Map<string, DueDecision>()
  return (row: DueRow): Option.Option<DueDecision> =>
    Option.map(decodePlan(row), ({ catchUp, spec }) => {
      const decide = () => decideDue({ spec, catchUp, key: gridKey(row.kind, row.key), nextRunAt: row.nextRunAt }, row.now)
      if (spec.type === "interval") return decide()
      const name = `${spec.cron}|${spec.timeZone}|${catchUp}|${DateTime.toEpochMillis(row.nextRunAt)}|${DateTime.toEpochMillis(row.now)}`
      const decision = known.get(name) ?? decide()
      known.set(name, decision)
      return decision
    })
}

const iso = DateTime.formatIso
const unreadable = "its time plan cannot be read any more; register it again"

const runRows = (row: DueRow, { runs, skipped }: DueDecision): ReadonlyArray<Statements.RunRow> => [
  ...(skipped === null ? [] : [{ id: row.id, at: iso(skipped.newest), state: "missed", missed: skipped.count } as const]),
  ...runs.map(({ at, missed }) => ({ id: row.id, at: iso(at), state: "run", missed } as const))
]

const moveRow = (row: DueRow, { more, nextRunAt, runs }: DueDecision): Statements.MoveRow => {
  const last = runs.at(-1)
  return {
    id: row.id,
    nextRunAt: Option.getOrNull(Option.map(nextRunAt, iso)),
    lastRunAt: last === undefined ? null : iso(last.at),
    pauseMillis: more ? Duration.toMillis(catchUpPause) : 0,
    fault: null
  }
}

const stopRow = (row: DueRow): Statements.MoveRow => ({ id: row.id, nextRunAt: null, lastRunAt: null, pauseMillis: 0, fault: unreadable })

/** `DueRuns` in PostgreSQL. */
export const PostgresDueRuns: Layer.Layer<DueRuns, never, SqlClient.SqlClient | PgClient.PgClient> = Layer.effect(
  DueRuns,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const client = yield* PgClient.PgClient
    /** After which tenant's slot the round goes on; null while nobody has to wait. */
    const round = yield* Ref.make<number | null>(null)
    /** Anywhere, so that replicas do not go round in step. */
    const anySlot = Random.nextIntBetween(-1, tenantSlots - 1)

    /** Half of the places for a part of the tenants, each with the same number. */
    const takeInTurn = Effect.fnUntraced(function*(after: number, places: number) {
      const tenants = yield* Statements.tenantsAfter(sql, after, places).pipe(Effect.flatMap(decodeTenants))
      yield* Ref.set(round, tenants.length < places ? -1 : tenants.at(-1)?.slot ?? -1)
      if (tenants.length === 0) return []
      const each = Math.max(1, Math.floor(places / tenants.length))
      return yield* Statements.takeOfTenants(sql, tenants.map(({ slot }) => slot), each).pipe(Effect.flatMap(decodeDue))
    })

    const tick = Effect.fnUntraced(function*({ by, limit }: { readonly limit: number; readonly by: string }) {
      const after = yield* Ref.get(round)
      const inTurn = after === null ? [] : yield* takeInTurn(after, Math.floor(limit / 2))
      const places = limit - inTurn.length
      const oldest = yield* Statements.takeOldest(sql, places, inTurn.map(({ id }) => id)).pipe(Effect.flatMap(decodeDue))
      const rows = [...inTurn, ...oldest]
      const full = oldest.length >= places
      const start = yield* anySlot
      yield* Ref.update(round, (at) => full ? at ?? start : null)
      if (rows.length === 0) return { taken: 0, enqueued: 0, tasks: 0, skipped: 0, faults: [], full }

      const decide = decider()
      const decided = rows.map((row) => [row, decide(row)] as const)
      const runs = decided.flatMap(([row, decision]) => Option.match(decision, { onNone: () => [], onSome: (made) => runRows(row, made) }))
      const moves = decided.map(([row, decision]) => Option.match(decision, { onNone: () => stopRow(row), onSome: (made) => moveRow(row, made) }))
      const [made] = yield* Statements.makeRuns(sql, runs, moves, by).pipe(Effect.flatMap(decodeMade))
      const faults = decided.flatMap(([row, decision]) => Option.isNone(decision) ? [gridKey(row.kind, row.key)] : [])
      return { taken: rows.length, ...made, faults, full }
    }, sql.withTransaction)

    return DueRuns.of({
      enqueueDue: Effect.fn("DueRuns.enqueueDue")(tick, Effect.mapError(toSchedulesError("due runs could not be enqueued"))),

      untilNext: Effect.fn("DueRuns.untilNext")(function*(tasks: ReadonlyArray<string>) {
        const [{ millis }] = yield* Statements.untilNext(sql, tasks).pipe(Effect.flatMap(decodeUntil))
        return Option.map(Option.fromNullOr(millis), (left) => Duration.millis(Math.max(0, Math.ceil(left))))
      }, Effect.mapError(toSchedulesError("the next run could not be looked up"))),

      takeTasks: Effect.fn("DueRuns.takeTasks")(
        function*({ by, lease, limit, tasks }: { readonly tasks: ReadonlyArray<string>; readonly by: string; readonly lease: Duration.Duration; readonly limit: number }) {
          const rows = yield* Statements.takeTasks(sql, { tasks, by, limit, leaseMillis: Duration.toMillis(lease) }).pipe(Effect.flatMap(decodeTasks))
          return rows.map(({ at, missed, schedule, task, tenantId }) => ({ task, tenantId, run: { schedule, at, missed } }))
        },
        Effect.mapError(toSchedulesError("tasks could not be taken"))
      ),

      changed: client.listen(changesChannel).pipe(
        Effect.map((notifications) =>
          Queue.take(notifications).pipe(
            // Those that came together are one reason to look.
            Effect.andThen(Queue.clear(notifications)),
            Effect.asVoid,
            Effect.mapError(toSchedulesError("changes cannot be listened to"))
          )
        ),
        Effect.mapError(toSchedulesError("changes cannot be listened to"))
      ),

      open: Effect.fn("DueRuns.open")(({ limit, olderThan }: { readonly olderThan: Duration.Duration; readonly limit: number }) =>
        Statements.openRuns(sql, Duration.toMillis(olderThan), limit).pipe(
          Effect.flatMap(decodeOpen),
          Effect.mapError(toSchedulesError("open runs could not be looked up"))
        )
      ),

      enqueueAgain: Effect.fn("DueRuns.enqueueAgain")(function*(runs: ReadonlyArray<OpenRun>) {
        if (runs.length === 0) return 0
        const rows = runs.map(({ at, jobId, schedule }) => ({ schedule, jobId, at: iso(at) }))
        const [{ enqueued }] = yield* Statements.enqueueAgain(sql, rows).pipe(Effect.flatMap(decodeCount))
        return enqueued
      }, Effect.mapError(toSchedulesError("runs could not be enqueued again"))),

      recordAlive: Effect.fn("DueRuns.recordAlive")((runs: ReadonlyArray<OpenRun>) =>
        runs.length === 0
          ? Effect.void
          : Statements.recordRunsAlive(sql, runs.map(({ at, schedule }) => ({ schedule, at: iso(at) }))).pipe(
            Effect.asVoid,
            Effect.mapError(toSchedulesError("open runs could not be noted as well"))
          )
      )
    })
  })
)
