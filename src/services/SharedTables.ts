import { Context, Data, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"

/** A column of the API's tables that is not as the worker needs it. */
export interface ColumnMisfit {
  /** The programs that cannot run on it. */
  readonly programs: ReadonlyArray<QueueName>
  readonly table: string
  readonly column: string
  /** "missing", "text", "enum without 'error'", "NOT NULL" … */
  readonly found: string
  readonly expected: string
}

/** One line, for the log and for `doctor`. */
export const misfitInWords = ({ column, expected, found, table }: ColumnMisfit): string =>
  `${table}."${column}": found ${found}, expected ${expected}`

/** What the worker needs of the tables that it shares with the API, compared with what is there. Looks only. */
export class SharedTables extends Context.Service<SharedTables, {
  /** Of the columns that this program reads or writes; null for all programs. Empty when it can run. */
  readonly misfits: (program: QueueName | null) => Effect.Effect<ReadonlyArray<ColumnMisfit>, SharedTablesError>
}>()("tt-worker/services/SharedTables") {}

/** They could not be looked at; trying again may help. */
export class SharedTablesError extends Data.TaggedError("SharedTablesError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the shared tables could not be looked at: ${this.detail}`
  }
}
