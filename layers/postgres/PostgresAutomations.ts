import type * as PgClient from "@effect/sql-pg/PgClient"
import { Layer } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { AutomationConfigs } from "../../src/services/AutomationConfigs.ts"
import type { AutomationRuns } from "../../src/services/AutomationRuns.ts"
import type { TimeSheets } from "../../src/services/TimeSheets.ts"
import { PostgresAutomationConfigs } from "./PostgresAutomationConfigs.ts"
import { PostgresAutomationRuns } from "./PostgresAutomationRuns.ts"
import { PostgresSchedules } from "./PostgresSchedules.ts"
import { PostgresTimeSheets } from "./PostgresTimeSheets.ts"

/** All that automations keep in PostgreSQL. */
export type AutomationTables = AutomationConfigs | AutomationRuns | TimeSheets

export const PostgresAutomations: Layer.Layer<AutomationTables, never, SqlClient.SqlClient | PgClient.PgClient> = Layer.mergeAll(
  PostgresAutomationConfigs,
  PostgresAutomationRuns,
  PostgresTimeSheets
).pipe(Layer.provide(PostgresSchedules))
