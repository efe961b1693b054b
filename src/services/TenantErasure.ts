import { Context, Data, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { StorageKey, TenantId } from "../domain/ids.ts"

/** Rows of one table. */
export interface RowCount {
  readonly table: string
  readonly rows: number
}

/** An invoice of the tenant with its file; null where the file is not to be removed (another tenant's row names it, or none is named). */
export interface InvoiceFile {
  readonly invoiceId: string
  readonly fileKey: StorageKey | null
}

/** What is kept of one tenant in the database, and how it is removed. Everything here names the tenant. */
export class TenantRows extends Context.Service<TenantRows, {
  /** Rows by table, without the lines that record erasures; tables with none are left out. */
  readonly count: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<RowCount>, TenantErasureError>
  /** No job of the tenant is started any more, and nothing makes new ones: its pause, then its schedules and outbox go. */
  readonly stop: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<RowCount>, TenantErasureError>
  /** At most so many invoices that are still there. */
  readonly invoices: (tenantId: TenantId, most: number) => Effect.Effect<ReadonlyArray<InvoiceFile>, TenantErasureError>
  readonly removeInvoices: (tenantId: TenantId, invoiceIds: ReadonlyArray<string>) => Effect.Effect<number, TenantErasureError>
  /**
   * Files of the tenant that no invoice names (its row was deleted, or never written): those that the records know, and of
   * `found` those that no other tenant has.
   */
  readonly strayFiles: (tenantId: TenantId, found: ReadonlyArray<StorageKey>) => Effect.Effect<ReadonlyArray<StorageKey>, TenantErasureError>
  /** Every other row, with the pause, and the line of the record: what was removed, by whom. One transaction. */
  readonly finish: (tenantId: TenantId, by: string, before: ReadonlyArray<RowCount>) => Effect.Effect<ReadonlyArray<RowCount>, TenantErasureError>
}>()("tt-worker/services/TenantRows") {}

export interface TenantJobCount {
  /** In all states, and job schedulers; without those that run. */
  readonly jobs: number
  readonly running: number
}

/** What the queue's server keeps of one tenant, on both backends. */
export class TenantJobs extends Context.Service<TenantJobs, {
  readonly count: (queue: QueueName, tenantId: TenantId) => Effect.Effect<TenantJobCount, TenantErasureError>
  /** Removes all but what runs, with every trace of the tenant that the server keeps besides (events, lines, limits). */
  readonly erase: (queue: QueueName, tenantId: TenantId) => Effect.Effect<TenantJobCount, TenantErasureError>
}>()("tt-worker/services/TenantJobs") {}

/** Removes originals. Apart from `ObjectStorage`, so that no program can: only erasing a tenant is given it. */
export class FileErasure extends Context.Service<FileErasure, {
  /** False when there was no such file. */
  readonly erase: (key: StorageKey) => Effect.Effect<boolean, TenantErasureError>
  /** What there is under keys that begin with the tenant's id, as all that the worker makes do. */
  readonly under: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<StorageKey>, TenantErasureError>
  /** Removes the tenant's empty folders, where keys are places in folders. */
  readonly tidy: (tenantId: TenantId) => Effect.Effect<void, TenantErasureError>
}>()("tt-worker/services/FileErasure") {}

export class TenantErasureError extends Data.TaggedError("TenantErasureError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `${this.detail}; what was erased stays erased, the same command goes on`
  }
}
