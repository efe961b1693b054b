import { Effect, Layer } from "effect"
import type { QueueChoice } from "../../src/config/Settings.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import type { JobConsumer } from "../../src/services/JobConsumer.ts"
import type { JobProducer } from "../../src/services/JobProducer.ts"
import { postgresBackend, redisBackend } from "./backends.ts"
import { BullmqConsumer } from "./BullmqConsumer.ts"
import { BullmqProducer } from "./BullmqProducer.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import type { RedisUnusable } from "./redisServer.ts"
import type { QueueTablesError } from "./queueTables.ts"

/** Consumer and producer on Redis or in the application's database: as the settings say. */
export const layer = (options: {
  readonly queue: QueueChoice
  readonly migrate: boolean
  /** Wait for a Redis that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<JobConsumer | JobProducer, QueueTablesError | RedisUnusable, DatabaseServer> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address }) => {
    const { migrate, queue, waits } = options
    const backend: Layer.Layer<QueueBackend, QueueTablesError | RedisUnusable> = queue._tag === "redis" ? redisBackend({ ...queue, waits }) : postgresBackend({ url: address.url, migrate })
    return Layer.mergeAll(BullmqConsumer, BullmqProducer).pipe(Layer.provide(backend))
  }))
