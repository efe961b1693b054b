import { createPostgresBackend, Queue } from "bullmq"
import { Effect, Layer, Redacted } from "effect"
import { postgresBackend } from "../../../layers/bullmq/backends.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { DatabaseAddress } from "../../support/outboxTables.ts"
import { ErasureQueues, erasureRules } from "./rules.ts"

erasureRules("PostgreSQL", Layer.unwrap(Effect.map(DatabaseAddress, (url) =>
  Layer.merge(
    postgresBackend({ url, retention: defaultRetention }),
    Layer.succeed(ErasureQueues, {
      open: (name) =>
        Effect.acquireRelease(
          Effect.sync(() => new Queue(name, { connection: { connectionString: Redacted.value(url), max: 2 } }, createPostgresBackend)),
          (queue) => Effect.promise(() => queue.close())
        ),
      // BullMQ's tables are searched with the worker's own.
      search: () => Effect.succeed([])
    })
  ))))
