import * as PgClient from "@effect/sql-pg/PgClient"
import { createPostgresBackend, Queue, Worker } from "bullmq"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import { Redis } from "ioredis"
import { postgresBackend, redisBackend } from "../../../layers/bullmq/backends.ts"
import type { QueueBackend } from "../../../layers/bullmq/QueueBackend.ts"
import { toKeep } from "../../../layers/bullmq/workerSettings.ts"
import { migrateQueueTables } from "../../../layers/bullmq/queueTables.ts"
import { query } from "../../../layers/embedded/connection.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { interruptible } from "../../support/interruptible.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { OwnRedis } from "../../support/ownRedis.ts"

/** What an API does with a queue, on either server. */
export type PlainQueue = Pick<Queue, "add" | "addBulk" | "getJob" | "getJobState" | "getFailed" | "getActiveCount" | "getCompletedCount" | "getJobCounts" | "getJobs" | "remove" | "getWaitingCount" | "pause" | "resume" | "setGlobalConcurrency" | "setGlobalRateLimit">

/** An empty place for queues: how the worker reaches it, and how an API does, with BullMQ alone. */
export interface QueuePlace {
  readonly backend: Layer.Layer<QueueBackend>
  readonly openQueue: (name: string) => Effect.Effect<PlainQueue, never, Scope.Scope>
  /** BullMQ's own worker, to compare with. */
  readonly plainWorker: (name: string, concurrency: number, processor: () => Promise<void>) => Effect.Effect<void, never, Scope.Scope>
  /** Takes the lock of a running job away, as happens when a process stands still for too long. */
  readonly stealLock: (queue: string, jobId: string) => Effect.Effect<void>
  /** Empties the whole place by force, as FLUSHALL does. */
  readonly flush: Effect.Effect<void>
}

/** A server that keeps queues, and that can be gone for a while. */
export class QueueServer extends Context.Service<QueueServer, {
  readonly newPlace: Effect.Effect<QueuePlace>
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}>()("test/QueueServer") {}

const opened = <Q extends PlainQueue & { readonly close: () => Promise<void>; readonly on: (event: "error", listener: () => void) => unknown }>(
  open: () => Q
): Effect.Effect<PlainQueue, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const queue = open()
      queue.on("error", () => undefined)
      return queue
    }),
    (queue) => Effect.promise(() => queue.close()).pipe(Effect.timeoutOption("2 seconds"))
  )

const working = <W extends { readonly close: () => Promise<void>; readonly on: (event: "error", listener: () => void) => unknown }>(open: () => W) =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => {
      const worker = open()
      worker.on("error", () => undefined)
      return worker
    }),
    (worker) => Effect.promise(() => worker.close())
  ))

let databases = 0

export const onRedis: Layer.Layer<QueueServer> = Layer.effect(
  QueueServer,
  Effect.map(OwnRedis, ({ start, stop, url }) =>
    QueueServer.of({
      start,
      stop,
      newPlace: Effect.sync(() => {
        const place = Redacted.make(`${Redacted.value(url)}/${++databases}`)
        return {
          backend: Layer.orDie(redisBackend({ url: place, label: "own Redis", waits: true, retention: defaultRetention })),
          openQueue: (name) => opened(() => new Queue(name, { connection: { url: Redacted.value(place) } })),
          plainWorker: (name, concurrency, processor) =>
            working(() => new Worker(name, processor, { connection: { url: Redacted.value(place) }, concurrency, ...toKeep(defaultRetention) })),
          stealLock: (queue, jobId) =>
            Effect.promise(async () => {
              const redis = new Redis(Redacted.value(place))
              await redis.del(`bull:${queue}:${jobId}:lock`)
              redis.disconnect()
            }),
          flush: Effect.promise(async () => {
            const redis = new Redis(Redacted.value(place))
            await redis.flushdb()
            redis.disconnect()
          })
        }
      })
    }))
).pipe(Layer.provide(OwnRedis.layer))

export const onPostgres: Layer.Layer<QueueServer> = Layer.effect(
  QueueServer,
  Effect.gen(function*() {
    const { makeDatabase } = yield* OwnPostgres
    const { port, start, stop } = yield* interruptible(new URL(Redacted.value(yield* makeDatabase)))
    return QueueServer.of({
      start,
      stop,
      newPlace: Effect.gen(function*() {
        const direct = yield* makeDatabase
        const address = new URL(Redacted.value(direct))
        address.port = String(port)
        yield* Effect.provide(migrateQueueTables(direct), PgClient.layer({ url: direct, maxConnections: 1 }))
        const connectionString = address.href
        return {
          backend: Layer.orDie(Layer.provide(
            postgresBackend({ url: Redacted.make(connectionString), retention: defaultRetention }),
            PgClient.layer({ url: Redacted.make(connectionString), maxConnections: 5 })
          )),
          openQueue: (name: string) => opened(() => new Queue(name, { connection: { connectionString, max: 2 } }, createPostgresBackend)),
          plainWorker: (name: string, concurrency: number, processor: () => Promise<void>) =>
            working(() => new Worker(name, processor, { connection: { connectionString, max: 5 }, concurrency, ...toKeep(defaultRetention) }, createPostgresBackend)),
          stealLock: (_queue: string, jobId: string) =>
            query(direct, `UPDATE bullmq.job SET lock_token = 'other' WHERE id = '${jobId}'`).pipe(Effect.asVoid, Effect.orDie),
          flush: query(direct, "TRUNCATE bullmq.job, bullmq.meta CASCADE").pipe(Effect.asVoid, Effect.orDie)
        }
      }).pipe(Effect.orDie)
    })
  })
).pipe(Layer.provide(OwnPostgres.layer))
