import { DateTime, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { scheduleKey } from "../../src/domain/automation/Automation.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import { CatchUp, ScheduleSpec } from "../../src/domain/ScheduleSpec.ts"
import { AutomationError } from "../../src/services/AutomationError.ts"
import { AutomationRuns, type HeldRun, type RunKey, type RunResult } from "../../src/services/AutomationRuns.ts"
import { RunOutcome, Schedules } from "../../src/services/Schedules.ts"
import { toAutomationError } from "./automationError.ts"
import * as Statements from "./automationRunStatements.ts"

const decodeUser = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  user: Schema.Struct({
    name: Schema.optionalKey(Schema.NullOr(Schema.String)),
    archived: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
    country: Schema.optionalKey(Schema.NullOr(Schema.String)),
    automations: Schema.optionalKey(Schema.Unknown)
  })
})))
const decodeRuns = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  automationId: Schema.String,
  schedule: Schema.String,
  at: Schema.DateTimeUtcFromMillis,
  missed: Schema.Int
})))
const decodeSchedules = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  automationId: Schema.String,
  key: Schema.String,
  spec: ScheduleSpec,
  catchUp: CatchUp,
  nextRunAt: Schema.DateTimeUtcFromMillis
})))
const decodeNow = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ now: Schema.DateTimeUtcFromMillis })]))

const idOf = ({ automationId, occurrence, tenantId, tenantUserId }: RunKey): Statements.RunId =>
  ({ automationId, tenantId, tenantUserId, occurrence: DateTime.formatIso(occurrence) })

/** `AutomationRuns` in PostgreSQL. */
export const PostgresAutomationRuns: Layer.Layer<AutomationRuns, never, SqlClient.SqlClient | Schedules> = Layer.effect(
  AutomationRuns,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const schedules = yield* Schedules

    const finish = Effect.fnUntraced(function*(tenantId: TenantId, held: HeldRun | null, outcome: RunOutcome) {
      if (held === null) return true
      return yield* schedules.finish(tenantId, held.scheduled, held.holder, outcome)
    })

    /** A transaction whose own troubles, such as a commit that fails, are ours; those of the work stay its own. */
    const transaction = <A, E, R>(doing: string, effect: Effect.Effect<A, E, R>) =>
      sql.withTransaction(effect).pipe(Effect.catchIf(isSqlError, (error) => Effect.fail(toAutomationError(doing)(error))))

    const once = <E, R>(key: RunKey, by: { readonly jobId: string; readonly held: HeldRun | null }, work: Effect.Effect<RunResult, E, R>) => {
      const doing = "the run could not be recorded"
      const run = idOf(key)
      const begin = Statements.lockUser(sql, key.tenantId, key.tenantUserId).pipe(
        Effect.andThen(Statements.beginRun(sql, run, key.missed, by.jobId)),
        Effect.mapError(toAutomationError(doing))
      )
      const end = (result: RunResult) =>
        Statements.endRun(sql, run, result).pipe(
          Effect.andThen(Statements.noteOutcome(sql, run, result.outcome, result.note, false)),
          Effect.mapError(toAutomationError(doing))
        )
      return transaction(doing, Effect.gen(function*() {
        const begun = yield* begin
        if (begun.length === 0) {
          yield* finish(key.tenantId, by.held, RunOutcome.Done())
          return "already-done" as const
        }
        const result = yield* work
        yield* end(result)
        if (!(yield* finish(key.tenantId, by.held, RunOutcome.Done()))) {
          return yield* new AutomationError({ reason: "taken", detail: "another job has this run by now; nothing was written" })
        }
        return result
      }))
    }

    return AutomationRuns.of({
      user: Effect.fn("AutomationRuns.user")(function*(tenantId: TenantId, tenantUserId: string) {
        const [row] = yield* Statements.userRow(sql, tenantId, tenantUserId).pipe(Effect.flatMap(decodeUser))
        return row === undefined ? null : {
          name: row.user.name ?? null,
          archived: row.user.archived ?? false,
          country: row.user.country ?? null,
          automations: row.user.automations
        }
      }, Effect.mapError(toAutomationError("the user could not be read"))),

      once: (key, by, work) => once(key, by, work).pipe(Effect.withSpan("AutomationRuns.once")),

      fail: Effect.fn("AutomationRuns.fail")(function*(key: RunKey, by: { readonly jobId: string; readonly held: HeldRun | null }, reason: string, off: boolean) {
        const doing = "the failed run could not be recorded"
        const run = idOf(key)
        const record = Statements.failRun(sql, run, key.missed, by.jobId, reason).pipe(
          Effect.andThen((rows) => rows.length === 0 ? Effect.void : Effect.asVoid(Statements.noteOutcome(sql, run, "failed", reason, off))),
          Effect.mapError(toAutomationError(doing))
        )
        yield* transaction(doing, Effect.andThen(record, finish(key.tenantId, by.held, RunOutcome.Failed({ reason }))))
      }),

      due: Effect.fn("AutomationRuns.due")(function*(tenantId: TenantId, tenantUserId: string) {
        const prefix = scheduleKey(tenantId, tenantUserId, "")
        const [{ now }] = yield* Statements.databaseNow(sql).pipe(Effect.flatMap(decodeNow))
        const runs = yield* Statements.openRuns(sql, tenantId, prefix).pipe(Effect.flatMap(decodeRuns))
        const due = yield* Statements.dueSchedules(sql, tenantId, prefix).pipe(Effect.flatMap(decodeSchedules))
        return { now, schedules: due, runs: runs.map(({ automationId, ...scheduled }) => ({ automationId, scheduled })) }
      }, Effect.mapError(toAutomationError("what is due could not be looked up")))
    })
  })
)
