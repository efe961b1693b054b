import { DateTime, Duration, Effect, Exit, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { Action } from "../../src/domain/automation/Action.ts"
import type { InvoiceQuery } from "../../src/domain/automation/Facts.ts"
import { addDays, instantIn, zoneNamed } from "../../src/domain/automation/localTime.ts"
import type { Plan } from "../../src/domain/automation/Plan.ts"
import { CalendarDate } from "../../src/domain/CalendarDate.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import type { RunKey } from "../../src/services/AutomationRuns.ts"
import { type TimeSheetQuery, TimeSheets } from "../../src/services/TimeSheets.ts"
import { toAutomationError } from "./automationError.ts"
import { lacksFor, readShape } from "./entryShape.ts"
import * as Statements from "./timeSheetStatements.ts"

/** The API's migrations are seen so soon. */
const shapeKept = Duration.seconds(30)

const decodeEntries = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  id: Schema.String,
  start: Schema.Finite,
  end: Schema.NullOr(Schema.Finite),
  status: Schema.String,
  projectId: Schema.NullOr(Schema.String),
  taskId: Schema.NullOr(Schema.String),
  breakMinutes: Schema.NullOr(Schema.Int),
  note: Schema.NullOr(Schema.String),
  exported: Schema.Boolean
})))
const decodeAbsences = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ from: CalendarDate, to: CalendarDate })))
const decodeProjects = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String, archived: Schema.Boolean })))
const decodeWaiting = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ waiting: Schema.Int, oldest: Schema.NullOr(Schema.Finite) })]))
const decodeExported = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ start: Schema.Finite })))
const decodeOccurrences = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ occurrence: Schema.String })))
const decodeUndone = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ entries: Schema.Int, effects: Schema.Int })]))

/** `TimeSheets` in PostgreSQL. */
export const PostgresTimeSheets: Layer.Layer<TimeSheets, never, SqlClient.SqlClient> = Layer.effect(
  TimeSheets,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const shape = yield* Effect.cachedWithTTL(readShape(sql), (exit) => Exit.isSuccess(exit) ? shapeKept : Duration.zero)

    const waiting = Effect.fnUntraced(function*(user: Statements.UserIds, query: InvoiceQuery, at: DateTime.Utc) {
      const before = DateTime.formatIso(DateTime.subtract(at, { days: query.waitingLongerThanDays }))
      const [found] = yield* Statements.waitingInvoices(sql, user, { of: query.of, before }).pipe(Effect.flatMap(decodeWaiting))
      return { query, ...found }
    })

    return TimeSheets.of({
      lacks: Effect.fn("TimeSheets.lacks")((action: Action) =>
        Effect.map(shape, (known) => lacksFor(known, action)).pipe(Effect.mapError(toAutomationError("the tables could not be looked at")))
      ),

      read: Effect.fn("TimeSheets.read")(function*(tenantId: TenantId, tenantUserId: string, query: TimeSheetQuery) {
        const user = { tenantId, tenantUserId }
        const known = yield* shape
        const zone = zoneNamed(query.timeZone)
        const iso = (date: CalendarDate) => new Date(instantIn(zone, date, 0)).toISOString()
        const entries = yield* Statements.entriesOf(sql, user, iso(query.from), iso(addDays(query.to, 1))).pipe(Effect.flatMap(decodeEntries))
        const [exported] = known.entries.has("exportedAt") ? yield* Statements.lastExported(sql, user).pipe(Effect.flatMap(decodeExported)) : []
        const absences = known.absences.size === 0 ? [] : yield* Statements.absencesOf(sql, known, user, query).pipe(Effect.flatMap(decodeAbsences))
        const ids = new Set([...query.projectIds, ...entries.flatMap(({ projectId }) => projectId === null ? [] : [projectId])])
        const projects = ids.size === 0 ? [] : yield* Statements.projectsOf(sql, tenantId, [...ids]).pipe(Effect.flatMap(decodeProjects))
        const invoices = yield* Effect.forEach(query.invoices, (asked) => waiting(user, asked, query.at))
        return { entries, absences, invoices, exportedUntil: exported?.start ?? null, projects: new Map(projects.map(({ archived, id }) => [id, { archived }])) }
      }, Effect.mapError(toAutomationError("the time sheet could not be read"))),

      write: Effect.fn("TimeSheets.write")(function*({ automationId, occurrence, tenantId, tenantUserId }: RunKey, { close, create, submit }: Plan) {
        const id = { tenantId, tenantUserId, automationId, occurrence: DateTime.formatIso(occurrence) }
        const known = yield* shape
        const created = create.length === 0 ? [] : yield* Statements.createEntries(sql, known, id, create.map((entry, n) => ({ n, ...entry })))
        const closed = close.length === 0 ? [] : yield* Statements.closeEntries(sql, known, id, close)
        const submitted = submit.length === 0 ? [] : yield* Statements.submitEntries(sql, known, id, submit)
        return created.length + closed.length + submitted.length
      }, Effect.mapError(toAutomationError("entries could not be written"))),

      undo: Effect.fn("TimeSheets.undo")((tenantId: TenantId, tenantUserId: string, automationId: string, occurrence: DateTime.Utc | null) =>
        sql.withTransaction(Effect.gen(function*() {
          const user = { tenantId, tenantUserId }
          const runs = yield* Statements.runsToUndo(sql, user, automationId, occurrence === null ? null : DateTime.formatIso(occurrence)).pipe(Effect.flatMap(decodeOccurrences))
          if (runs.length === 0) return { runs: 0, entries: 0, kept: 0 }
          const [{ effects, entries }] = yield* Statements.undoEffects(sql, yield* shape, user, automationId, runs.map((run) => run.occurrence)).pipe(Effect.flatMap(decodeUndone))
          return { runs: runs.length, entries, kept: effects - entries }
        })).pipe(
          Effect.catchIf(isSqlError, (error) => Effect.fail(toAutomationError("the runs could not be undone")(error))),
          Effect.mapError(toAutomationError("the runs could not be undone"))
        )
      )
    })
  })
)
