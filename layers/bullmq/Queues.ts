import { Effect, Layer } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueChoice } from "../../src/config/Settings.ts"
import type { Retention } from "../../src/domain/Retention.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import type { JobQueues } from "../../src/services/JobQueue.ts"
import type { JobProducer } from "../../src/services/JobProducer.ts"
import type { JobInspector } from "../../src/services/JobInspector.ts"
import type { JobBoard } from "../../src/services/JobBoard.ts"
import type { QueueStatistics } from "../../src/services/QueueStatistics.ts"
import type { OldQueues } from "../../src/services/OldQueues.ts"
import type { TenantJobs } from "../../src/services/TenantErasure.ts"
import { SchemaOwner, type SchemaOwnerError } from "../../src/services/SchemaOwner.ts"
import { postgresBackend, redisBackend } from "./backends.ts"
import { BullmqJobQueues } from "./BullmqJobQueue.ts"
import { BullmqProducer } from "./BullmqProducer.ts"
import { BullmqOldQueues } from "./BullmqOldQueues.ts"
import { BullmqTenantJobs } from "./BullmqTenantJobs.ts"
import { BullmqJobBoard } from "./BullmqJobBoard.ts"
import { BullmqJobInspector } from "./BullmqJobInspector.ts"
import { BullmqQueueStatistics } from "./BullmqQueueStatistics.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import type { RedisUnusable } from "./redisServer.ts"
import { migrateQueueTables, type QueueTablesError } from "./queueTables.ts"

/** Consumer and producer on Redis or in the application's database: as the settings say. */
export const layer = (options: {
  readonly queue: QueueChoice
  readonly retention: Retention
  readonly migrate: boolean
  /** Wait for a Redis that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<JobQueues | JobProducer | QueueStatistics | JobBoard | JobInspector | TenantJobs | OldQueues, QueueTablesError | SchemaOwnerError | RedisUnusable, DatabaseServer | SqlClient.SqlClient | SchemaOwner> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address }) => {
    const { migrate, queue, retention, waits } = options
    const tables = migrate ? Layer.effectDiscard(SchemaOwner.use(({ run, url }) => run(migrateQueueTables(url)))) : Layer.empty
    const backend: Layer.Layer<QueueBackend, QueueTablesError | SchemaOwnerError | RedisUnusable, SqlClient.SqlClient | SchemaOwner> =
      queue._tag === "redis" ? redisBackend({ ...queue, waits, retention }) : postgresBackend({ url: address.url, retention }).pipe(Layer.provide(tables))
    return Layer.mergeAll(BullmqJobQueues, BullmqProducer, BullmqQueueStatistics, BullmqJobBoard, BullmqJobInspector, BullmqTenantJobs, BullmqOldQueues).pipe(Layer.provide(backend))
  }))
