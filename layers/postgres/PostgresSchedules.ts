import { Array as Arr, DateTime, Duration, Effect, Layer, Option, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { describeSchemaError } from "../../src/domain/describeSchemaError.ts"
import { TenantId } from "../../src/domain/ids.ts"
import type { ScheduledRun } from "../../src/domain/ScheduledRun.ts"
import { nextOccurrence } from "../../src/domain/ScheduleOccurrences.ts"
import { CatchUp, ScheduleSpec } from "../../src/domain/ScheduleSpec.ts"
import { spreadOffset } from "../../src/domain/ScheduleSpread.ts"
import {
  type BeginAnswer,
  type RegisteredSchedule,
  RunOutcome,
  type ScheduleRegistration,
  Schedules,
  SchedulesError,
  type ScheduleSelection,
  ScheduleTarget
} from "../../src/services/Schedules.ts"
import { toSchedulesError } from "./schedulesError.ts"
import * as Statements from "./scheduleStatements.ts"

/** Registrations of one transaction. */
const chunk = 1_000

/** As many as an `integer` has from zero on: two tenants seldom share one, and then they take turns together. */
export const tenantSlots = 2 ** 31

const QueueNames = Schema.Literals(Object.values(QUEUE_NAMES))
const Row = Schema.Struct({
  kind: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]{0,39}$/)),
  key: Schema.String.check(Schema.isPattern(/^[^\p{Cc}]{1,500}$/u)),
  tenantId: Schema.NullOr(TenantId),
  queue: Schema.NullOr(QueueNames),
  data: Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)),
  task: Schema.NullOr(Schema.NonEmptyString),
  spec: ScheduleSpec,
  catchUp: CatchUp,
  enabled: Schema.Boolean
})
const checkRow = Schema.decodeUnknownEffect(Row, { errors: "all" })
const ListedRow = Schema.Struct({
  ...Row.fields,
  fault: Schema.NullOr(Schema.String),
  nextRunAt: Schema.NullOr(Schema.DateTimeUtcFromMillis),
  lastRunAt: Schema.NullOr(Schema.DateTimeUtcFromMillis)
})
const decodeListed = Schema.decodeUnknownEffect(Schema.Array(ListedRow))
const decodeNow = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ now: Schema.DateTimeUtcFromMillis })]))
const decodeKeys = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ key: Schema.String })))
const decodeState = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ state: Schema.String })))
const toJson = Schema.encodeEffect(Schema.fromJsonString(Schema.Unknown))

/** What the spread of a schedule comes from: two kinds with the same key need not run together. */
export const gridKey = (kind: string, key: string): string => `${kind}/${key}`

const rowOf = ({ catchUp, enabled, key, kind, spec, target, tenantId }: ScheduleRegistration) => ({
  kind,
  key,
  tenantId,
  ...ScheduleTarget.$match(target, {
    Job: ({ data, queue }) => ({ queue, data, task: null }),
    Task: ({ name }) => ({ queue: null, data: null, task: name })
  }),
  spec,
  catchUp,
  enabled
})

const registeredOf = ({ data, queue, task, ...row }: typeof ListedRow.Type): RegisteredSchedule => ({
  ...row,
  target: queue !== null ? ScheduleTarget.Job({ queue, data: data ?? {} }) : ScheduleTarget.Task({ name: task ?? "" })
})

const idOf = (run: ScheduledRun): Statements.RunId => ({ schedule: run.schedule, at: DateTime.formatIso(run.at) })

/** `Schedules` in PostgreSQL. */
export const PostgresSchedules: Layer.Layer<Schedules, never, SqlClient.SqlClient> = Layer.effect(
  Schedules,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const checked = (registration: ScheduleRegistration) =>
      checkRow(rowOf(registration)).pipe(
        Effect.mapError((error) =>
          new SchedulesError({
            reason: "invalid",
            detail: `${gridKey(registration.kind, registration.key)} cannot be registered: ${describeSchemaError(error)}`,
            cause: error
          })
        )
      )

    const upsert = Effect.fnUntraced(function*(rows: ReadonlyArray<typeof Row.Type>) {
      const [{ now }] = yield* Statements.databaseNow(sql).pipe(Effect.flatMap(decodeNow))
      const json = yield* toJson(rows.map((row) => ({
        ...row,
        tenantSlot: spreadOffset(row.tenantId ?? "", tenantSlots),
        nextRunAt: row.enabled
          ? Option.getOrNull(Option.map(nextOccurrence(row.spec, gridKey(row.kind, row.key), now), DateTime.formatIso))
          : null
      })))
      const changed = yield* Statements.upsertSchedules(sql, json)
      const foreign = yield* Statements.foreignKeys(sql, json).pipe(Effect.flatMap(decodeKeys))
      if (foreign.length > 0) {
        return yield* new SchedulesError({ reason: "foreign", detail: `another tenant's: ${foreign.map(({ key }) => key).join(", ")}; nothing was registered` })
      }
      if (changed.length > 0) yield* Statements.tellChange(sql)
      return changed.length
    }, sql.withTransaction)

    return Schedules.of({
      register: Effect.fn("Schedules.register")(function*(registrations: ReadonlyArray<ScheduleRegistration>) {
        const rows = yield* Effect.forEach(registrations, checked)
        // The last one counts, as if they had been registered one after the other.
        const distinct = Array.from(new Map(rows.map((row) => [gridKey(row.kind, row.key), row])).values())
        const counts = yield* Effect.forEach(Arr.chunksOf(distinct, chunk), upsert)
        return counts.reduce((sum, count) => sum + count, 0)
      }, Effect.mapError(toSchedulesError("they could not be registered"))),

      remove: Effect.fn("Schedules.remove")((tenantId: TenantId | null, { key, keyPrefix, kind }: ScheduleSelection) =>
        Statements.removeSchedules(sql, tenantId, { kind: kind ?? null, key: key ?? null, keyPrefix: keyPrefix ?? null }).pipe(
          Effect.map((rows) => rows.length),
          Effect.mapError(toSchedulesError("they could not be removed"))
        )
      ),

      list: Effect.fn("Schedules.list")((tenantId: TenantId | null) =>
        Statements.listSchedules(sql, tenantId).pipe(
          Effect.flatMap(decodeListed),
          Effect.map((rows) => rows.map(registeredOf)),
          Effect.mapError(toSchedulesError("they could not be listed"))
        )
      ),

      begin: Effect.fn("Schedules.begin")(function*(tenantId: TenantId | null, run: ScheduledRun, holder: string, lease: Duration.Duration) {
        const taken = yield* Statements.beginRun(sql, tenantId, idOf(run), holder, Duration.toMillis(lease))
        if (taken.length > 0) return "begun"
        const [found] = yield* Statements.stateOfRun(sql, tenantId, idOf(run)).pipe(Effect.flatMap(decodeState))
        return refusal(found?.state)
      }, Effect.mapError(toSchedulesError("the run could not be begun"))),

      finish: Effect.fn("Schedules.finish")((tenantId: TenantId | null, run: ScheduledRun, holder: string, outcome: RunOutcome) => {
        const [state, reason] = RunOutcome.$match(outcome, {
          Done: () => ["done", null] as const,
          Failed: ({ reason }) => ["failed", reason] as const
        })
        return Statements.finishRun(sql, tenantId, idOf(run), holder, state, reason).pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.mapError(toSchedulesError("the run's end could not be recorded"))
        )
      })
    })
  })
)

const refusal = (state: string | undefined): BeginAnswer =>
  state === undefined ? "unknown" : state === "enqueued" || state === "failed" ? "busy" : "finished"
