import * as PgClient from "@effect/sql-pg/PgClient"
import { Duration, Effect, Layer, Queue, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { automationKind } from "../../src/domain/automation/Automation.ts"
import { TenantId } from "../../src/domain/ids.ts"
import { type AutomationDecision, AutomationConfigs, type UserAutomations } from "../../src/services/AutomationConfigs.ts"
import { AutomationError } from "../../src/services/AutomationError.ts"
import { Schedules, SchedulesError } from "../../src/services/Schedules.ts"
import { toAutomationError } from "./automationError.ts"
import * as Statements from "./automationStatements.ts"

/** Without triggers a change is found by comparing: within a minute also when the replica that compares dies. */
const compareEvery = Duration.seconds(20)
/** Triggers tell of changes; comparing finds what they may have missed. */
const compareRarely = Duration.minutes(10)
/** Users of one page: a statement stays below a tenth of a second. */
const pageSize = 5_000

const decodeFire = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ fire: Schema.Boolean })]))
const decodePage = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ last: Schema.NullOr(Schema.String), noted: Schema.Int })]))
const decodeGot = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ got: Schema.Boolean })]))
const decodeNoted = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ tenantUserId: Schema.String, tenantId: TenantId, changedAt: Schema.String })))
const decodeUsers = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  tenantUserId: Schema.String,
  tenantId: TenantId,
  automations: Schema.Unknown,
  hash: Schema.String,
  present: Schema.Boolean,
  live: Schema.Boolean
})))
const decodeKnown = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  tenantUserId: Schema.String,
  tenantId: TenantId,
  automationId: Schema.String,
  scheduleKey: Schema.NullOr(Schema.String)
})))

const none: AutomationDecision = { statuses: [], registrations: [] }

/** The schedules of such a decision cannot be kept: its automations are told so, and nothing of it runs. */
const refused = ({ statuses }: AutomationDecision, reason: string): AutomationDecision => ({
  registrations: [],
  statuses: statuses.map((status) => status.scheduleKey === null ? status : { ...status, state: "bad", reason, scheduleKey: null })
})

/** Ids have no control characters. */
const nameOf = ({ automationId, tenantId, tenantUserId }: Pick<Statements.StatusRow, "tenantId" | "tenantUserId" | "automationId">): string =>
  [tenantId, tenantUserId, automationId].join("\n")

const ours = (error: unknown): error is SchedulesError => error instanceof SchedulesError && (error.reason === "invalid" || error.reason === "foreign")

const schedulesFailed = (error: SchedulesError): AutomationError =>
  new AutomationError({ reason: error.reason === "unavailable" ? "unavailable" : "misfit", detail: error.message, cause: error })

/** `AutomationConfigs` in PostgreSQL. */
export const PostgresAutomationConfigs: Layer.Layer<AutomationConfigs, never, SqlClient.SqlClient | PgClient.PgClient | Schedules> = Layer.effect(
  AutomationConfigs,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const client = yield* PgClient.PgClient
    const schedules = yield* Schedules

    /** All of them, or those that can be: one user's trouble is not the others'. */
    const register = Effect.fnUntraced(function*(decisions: ReadonlyArray<AutomationDecision>) {
      const all = decisions.flatMap(({ registrations }) => registrations)
      if (all.length === 0) return decisions
      return yield* sql.withTransaction(schedules.register(all)).pipe(
        Effect.as(decisions),
        Effect.catchIf(ours, () =>
          Effect.forEach(decisions, (decision) =>
            sql.withTransaction(schedules.register(decision.registrations)).pipe(
              Effect.as(decision),
              Effect.catchIf(ours, (error) => Effect.succeed(refused(decision, error.detail)))
            )))
      )
    })

    const apply = Effect.fnUntraced(function*(limit: number, decide: (user: UserAutomations) => Effect.Effect<AutomationDecision, AutomationError>) {
      const [{ got }] = yield* Statements.tryApplyLock(sql).pipe(Effect.flatMap(decodeGot))
      if (!got) return 0
      const noted = yield* Statements.notedUsers(sql, limit).pipe(Effect.flatMap(decodeNoted))
      if (noted.length === 0) return 0
      const json = JSON.stringify(noted)
      const users = yield* Statements.userAutomations(sql, json).pipe(Effect.flatMap(decodeUsers))
      const before = yield* Statements.knownAutomations(sql, json).pipe(Effect.flatMap(decodeKnown))
      const decisions = yield* register(yield* Effect.forEach(users, (user) => user.live ? decide(user) : Effect.succeed(none)))

      const keys = new Set(decisions.flatMap(({ registrations }) => registrations.map(({ key }) => key)))
      const unregistered = before.flatMap(({ scheduleKey, tenantId }) => scheduleKey === null || keys.has(scheduleKey) ? [] : [{ tenantId, key: scheduleKey }])
      yield* Effect.forEach(unregistered, ({ key, tenantId }) => schedules.remove(tenantId, { kind: automationKind, key }), { discard: true })

      const statuses = users.flatMap(({ tenantId, tenantUserId }, index) => (decisions[index] ?? none).statuses.map((status): Statements.StatusRow => ({ tenantId, tenantUserId, ...status })))
      if (statuses.length > 0) yield* Statements.writeStatuses(sql, statuses)
      const listed = new Set(statuses.map(nameOf))
      const gone = before.filter((known) => !listed.has(nameOf(known)))
      if (gone.length > 0) yield* Statements.deleteStatuses(sql, gone)
      yield* Statements.rememberUsers(sql, JSON.stringify(users.map(({ hash, present, tenantId, tenantUserId }) => ({ tenantId, tenantUserId, hash: present ? hash : null }))))
      yield* Statements.crossOff(sql, json)
      return noted.length
    }, sql.withTransaction)

    return AutomationConfigs.of({
      changed: client.listen(Statements.automationChannel).pipe(
        Effect.map((notifications) =>
          Queue.take(notifications).pipe(
            Effect.andThen(Queue.clear(notifications)),
            Effect.asVoid,
            Effect.mapError(toAutomationError("changes cannot be listened to"))
          )
        ),
        Effect.mapError(toAutomationError("changes cannot be listened to"))
      ),

      compare: Effect.gen(function*() {
        const [{ fire }] = yield* Statements.triggersFire(sql).pipe(Effect.flatMap(decodeFire))
        const claimed = yield* Statements.claimComparison(sql, Duration.toMillis(fire ? compareRarely : compareEvery))
        if (claimed.length === 0) return null
        let noted = (yield* Statements.noteGone(sql)).length
        let after = ""
        for (;;) {
          const [page] = yield* Statements.comparePage(sql, after, pageSize).pipe(Effect.flatMap(decodePage))
          noted += page.noted
          if (page.last === null) return noted
          after = page.last
        }
      }).pipe(Effect.mapError(toAutomationError("users could not be compared")), Effect.withSpan("AutomationConfigs.compare")),

      apply: Effect.fn("AutomationConfigs.apply")((limit: number, decide: (user: UserAutomations) => Effect.Effect<AutomationDecision, AutomationError>) =>
        apply(limit, decide).pipe(Effect.mapError((error) => error instanceof SchedulesError ? schedulesFailed(error) : toAutomationError("schedules could not be kept current")(error)))
      )
    })
  })
)
