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
import { postgresBackend, redisBackend } from "./backends.ts"
import { BullmqJobQueues } from "./BullmqJobQueue.ts"
import { BullmqProducer } from "./BullmqProducer.ts"
import { BullmqJobBoard } from "./BullmqJobBoard.ts"
import { BullmqJobInspector } from "./BullmqJobInspector.ts"
import { BullmqQueueStatistics } from "./BullmqQueueStatistics.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import type { RedisUnusable } from "./redisServer.ts"
import type { QueueTablesError } from "./queueTables.ts"

/** Consumer and producer on Redis or in the application's database: as the settings say. */
export const layer = (options: {
  readonly queue: QueueChoice
  readonly retention: Retention
  readonly migrate: boolean
  /** Wait for a Redis that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<JobQueues | JobProducer | QueueStatistics | JobBoard | JobInspector, QueueTablesError | RedisUnusable, DatabaseServer | SqlClient.SqlClient> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address }) => {
    const { migrate, queue, retention, waits } = options
    const backend: Layer.Layer<QueueBackend, QueueTablesError | RedisUnusable, SqlClient.SqlClient> =
      queue._tag === "redis" ? redisBackend({ ...queue, waits, retention }) : postgresBackend({ url: address.url, migrate, retention })
    return Layer.mergeAll(BullmqJobQueues, BullmqProducer, BullmqQueueStatistics, BullmqJobBoard, BullmqJobInspector).pipe(Layer.provide(backend))
  }))
