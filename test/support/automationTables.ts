import type * as PgClient from "@effect/sql-pg/PgClient"
import { DateTime, Duration, Effect, Layer, Logger, type Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { DateHolidays } from "../../layers/holidays/DateHolidays.ts"
import { type AutomationTables, PostgresAutomations } from "../../layers/postgres/PostgresAutomations.ts"
import { PostgresDueRuns } from "../../layers/postgres/PostgresDueRuns.ts"
import { PostgresEvents } from "../../layers/postgres/PostgresEvents.ts"
import { PostgresSchedules } from "../../layers/postgres/PostgresSchedules.ts"
import { PostgresTenants } from "../../layers/postgres/PostgresTenants.ts"
import * as Postgres from "../../layers/postgres/Postgres.ts"
import { Automation } from "../../programs/automation/Automation.ts"
import { scheduleKey } from "../../src/domain/automation/Automation.ts"
import type { DueRuns } from "../../src/services/DueRuns.ts"
import type { Events } from "../../src/services/Events.ts"
import type { Holidays } from "../../src/services/Holidays.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import type { Schedules } from "../../src/services/Schedules.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import { runAttempt } from "../../src/supervisor/attempt.ts"
import { OwnPostgres } from "./ownPostgres.ts"
import { databaseAt, postgresAt } from "./postgresAt.ts"

export type AutomationWorld = AutomationTables | Tenants | Schedules | DueRuns | Events | Holidays | SqlClient.SqlClient | PgClient.PgClient

/** All that automations stand on, on a database of this server: the real tables, the real calendar. */
export const automationsAt = (url: Redacted.Redacted, options: { readonly migrate: boolean } = { migrate: true }): Layer.Layer<AutomationWorld> =>
  Layer.mergeAll(PostgresAutomations, PostgresTenants, PostgresSchedules, PostgresDueRuns, PostgresEvents, DateHolidays).pipe(
    Layer.provideMerge(options.migrate ? postgresAt(url) : Postgres.layer({ database: databaseAt(url), waits: false, migrate: false })),
    Layer.orDie
  )

/** The same on a server and a database of their own: one per test file. */
export const ownAutomations: Layer.Layer<AutomationWorld> = Layer.unwrap(
  OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, (url) => automationsAt(url)))
).pipe(Layer.provide(OwnPostgres.layer), Layer.merge(Logger.layer([])))

let made = 0

export interface UserOptions {
  readonly automations?: unknown
  readonly features?: Readonly<Record<string, boolean>>
  readonly country?: string
  readonly archived?: boolean
}

export interface TestUser {
  readonly tenantId: string
  readonly tenantUserId: string
}

/** A tenant with one user. Ids are new each time, so tests share a database. */
export const newUser = Effect.fn("test.newUser")(function*(options: UserOptions = {}) {
  const sql = yield* SqlClient.SqlClient
  made++
  const user: TestUser = { tenantId: `tenant-${made}`, tenantUserId: `user-${made}` }
  yield* sql`INSERT INTO tenants (id, name, features) VALUES (${user.tenantId}, 'Firm', ${JSON.stringify(options.features ?? {})}::text::jsonb)`
  yield* sql`INSERT INTO tenant_users (id, "tenantId", name, archived, country, automations)
    VALUES (${user.tenantUserId}, ${user.tenantId}, 'Ada Field', ${options.archived ?? false}, ${options.country ?? null}, ${options.automations === undefined ? null : JSON.stringify(options.automations)}::text::jsonb)`
  return user
})

export const setAutomations = Effect.fn("test.setAutomations")(function*({ tenantId, tenantUserId }: TestUser, automations: unknown) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tenant_users SET automations = ${JSON.stringify(automations)}::text::jsonb WHERE id = ${tenantUserId} AND "tenantId" = ${tenantId}`
})

let entries = 0

export interface EntryOptions {
  readonly status?: string
  readonly projectId?: string
  readonly breakMinutes?: number
  readonly exportedAt?: string
  readonly note?: string
}

/** An entry that a person has logged; times as ISO 8601 in UTC, without an end it runs. */
export const newEntry = Effect.fn("test.newEntry")(function*({ tenantId, tenantUserId }: TestUser, start: string, end: string | null, options: EntryOptions = {}) {
  const sql = yield* SqlClient.SqlClient
  entries++
  const id = `entry-${entries}`
  yield* sql`INSERT INTO entries (id, "tenantId", "tenantUserId", "startDate", "endDate", status, "projectId", "breakMinutes", "exportedAt", note)
    VALUES (${id}, ${tenantId}, ${tenantUserId}, ${start}::text::timestamptz, ${end}::text::timestamptz, ${options.status ?? "pending"}, ${options.projectId ?? null},
      ${options.breakMinutes ?? null}, ${options.exportedAt ?? null}::text::timestamptz, ${options.note ?? null})`
  return id
})

export interface EntryRow {
  readonly id: string
  readonly start: string
  readonly end: string | null
  readonly status: string
  readonly source: string | null
  readonly automationId: string | null
  readonly occurrence: string | null
  readonly closedBy: string | null
  readonly projectId: string | null
  readonly breakMinutes: number | null
  readonly note: string | null
}

const utc = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI"Z"')`

export const entriesOf = Effect.fn("test.entriesOf")(function*({ tenantId, tenantUserId }: TestUser) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<EntryRow>`SELECT id, ${sql.literal(utc(`"startDate"`))} AS start, ${sql.literal(utc(`"endDate"`))} AS "end", status::text AS status, source, "automationId",
      ${sql.literal(utc("occurrence"))} AS occurrence, "closedBy", "projectId", "breakMinutes", note
    FROM entries WHERE "tenantId" = ${tenantId} AND "tenantUserId" = ${tenantUserId} ORDER BY "startDate"`
})

export const spans = (rows: ReadonlyArray<EntryRow>): ReadonlyArray<string> => rows.map(({ end, start }) => `${start} ${end ?? "-"}`)

/** What the admin page shows of a user's automations. */
export const overviewOf = Effect.fn("test.overviewOf")(function*({ tenantId, tenantUserId }: TestUser) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly automationId: string; readonly state: string; readonly reason: string | null; readonly nextRunAt: Date | null; readonly lastOutcome: string | null; readonly lastNote: string | null }>`
    SELECT "automationId", state, reason, "nextRunAt", "lastOutcome", "lastNote" FROM tt_worker.automation_overview
    WHERE "tenantId" = ${tenantId} AND "tenantUserId" = ${tenantUserId} ORDER BY "automationId"`
})

/** One attempt of an automation job. */
export const runJob = (data: unknown, change: Partial<JobAttempt> = {}) =>
  runAttempt(Automation)({
    queue: "automation",
    jobId: "job-1",
    jobName: "automation",
    data,
    number: 1,
    maxAttempts: 5,
    backoff: { type: "fixed", delay: Duration.zero, jitter: 0 },
    addedAt: 0,
    traceparent: null,
    previousTrace: null,
    condemned: null,
    ...change
  })

/** A due run as the scheduler makes it, without its waiting for the time; what the job carries. */
export const makeRun = Effect.fn("test.makeRun")(function*({ tenantId, tenantUserId }: TestUser, automation: string, at: string, missed = 0) {
  const sql = yield* SqlClient.SqlClient
  const key = scheduleKey(tenantId, tenantUserId, automation)
  const [row] = yield* sql<{ readonly id: string }>`SELECT md5('automation/' || ${key})::uuid::text AS id`
  const schedule = row?.id ?? ""
  yield* sql`INSERT INTO tt_worker.occurrences ("scheduleId", "occursAt", kind, key, "tenantId", state, missed, queue, data, "jobId", enqueues, "madeBy", "enqueuedAt")
    VALUES (${schedule}::uuid, ${at}::text::timestamptz, 'automation', ${key}, ${tenantId}, 'enqueued', ${missed}, 'automation', '{}', 'job-1', 1, 'test', now())`
  return { tenantId, tenantUserId, automation, scheduled: { schedule, at: DateTime.formatIso(DateTime.makeUnsafe(at)), missed } }
})

/** The events that went to the tenant's webhooks, as they were written for delivery. */
export const deliveriesOf = Effect.fn("test.deliveriesOf")(function*({ tenantId }: TestUser) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly event: string; readonly payload: Record<string, unknown> }>`
    SELECT event, payload FROM webhook_deliveries WHERE "tenantId" = ${tenantId} ORDER BY "createdAt", id`
})

/** A subscriber of every event that is named. */
export const subscribe = Effect.fn("test.subscribe")(function*({ tenantId }: TestUser, ...events: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`webhook-${tenantId}`}, ${tenantId}, 'https://example.org/hook', ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(events)}::text::jsonb)))`
})
