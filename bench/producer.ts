import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { createPostgresBackend, Worker } from "bullmq"
import { Console, Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Client } from "pg"
import { redisBackend } from "../layers/bullmq/backends.ts"
import { BullmqProducer } from "../layers/bullmq/BullmqProducer.ts"
import { relayOutbox } from "../programs/outbox/relay.ts"
import { QUEUE_NAMES } from "../src/contract/index.ts"
import { defaultRetention } from "../src/domain/limits.ts"
import { emitEvent } from "../src/producer/index.ts"
import { JobOutbox } from "../src/services/JobOutbox.ts"
import { DatabaseAddress, newOutboxTables } from "../test/support/outboxTables.ts"
import { OwnRedis } from "../test/support/ownRedis.ts"
import { durablePostgres } from "./support/durablePostgres.ts"
import { percentiles } from "./support/percentiles.ts"

/**
 * What an event costs the API, and how long after its commit a delivery is at work, on both backends:
 * `npm run bench:producer`. Needs redis-server. One client of pg, PostgreSQL with fsync, everything on this machine;
 * the worker is a plain one of BullMQ's.
 */
interface OpenWorker {
  readonly on: (event: "error", listener: () => void) => unknown
  readonly close: (force: boolean) => Promise<void>
}

const rounds = 300
const payload = { id: "e1", status: "approved", note: "x".repeat(400) }

const program = Effect.gen(function*() {
  const { url } = yield* OwnRedis
  const sql = yield* SqlClient.SqlClient
  const { announceBackend } = yield* JobOutbox
  const database = Redacted.value(yield* DatabaseAddress)
  for (const count of [1, 3, 10]) {
    for (let hook = 0; hook < count; hook++) {
      yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`w${count}-${hook}`}, ${`t${count}`}, 'https://x.test/in', '{entry.*}')`
    }
  }
  const client = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: database })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )

  let made = 0
  /** One business change; with the event of a tenant, or without any. */
  const change = (tenantId: string | null) =>
    Effect.promise(async () => {
      made++
      await client.query("BEGIN")
      await client.query(`INSERT INTO projects (id, "tenantId") VALUES ($1, 't')`, [`p${made}`])
      const emitted = tenantId === null ? null : await emitEvent(client, { tenantId, event: "entry.approved", payload, idempotencyKey: `k${made}` })
      await client.query("COMMIT")
      return { committed: performance.now(), deliveryId: emitted?.deliveryIds[0] ?? "" }
    })

  /** Taken in turn, so that what else the machine does falls on all of them. */
  const costs = Effect.gen(function*() {
    const kinds: ReadonlyArray<readonly [string, string | null]> = [
      ["without an event", null],
      ["with an event that nobody subscribes to", "nobody"],
      ["with an event, 1 webhook", "t1"],
      ["with an event, 3 webhooks", "t3"],
      ["with an event, 10 webhooks", "t10"]
    ]
    const figures = kinds.map((): Array<number> => [])
    for (let round = 0; round < rounds; round++) {
      for (const [index, [, tenantId]] of kinds.entries()) {
        const began = performance.now()
        yield* change(tenantId)
        figures[index]?.push(performance.now() - began)
      }
    }
    for (const [index, [label]] of kinds.entries()) yield* Console.log(`  transaction ${label}: ${percentiles(figures[index]?.slice(20) ?? [])}`)
  })

  const measure = Effect.fnUntraced(function*(open: () => OpenWorker, started: Map<string, number>) {
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const worker = open()
        worker.on("error", () => undefined)
        return worker
      }),
      (worker) => Effect.promise(() => worker.close(true))
    )
    yield* Effect.sleep("2 seconds")
    const figures: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const { committed, deliveryId } = yield* change("t1")
      yield* Effect.promise(async () => {
        while (!started.has(deliveryId)) await new Promise((resolve) => setImmediate(resolve))
      })
      figures.push(Math.max(0, (started.get(deliveryId) ?? 0) - committed))
      yield* Effect.sleep("5 millis")
    }
    yield* Console.log(`  commit to delivery at work: ${percentiles(figures.slice(20))}`)
  })

  for (const backend of ["postgres", "redis"] as const) {
    yield* announceBackend(backend)
    yield* Console.log(`queues in ${backend}, ${rounds} rounds`)
    yield* Effect.scoped(Effect.gen(function*() {
      if (backend === "redis") {
        const producer = yield* Layer.build(Layer.provide(BullmqProducer, redisBackend({ url, label: "own", waits: true, retention: defaultRetention })))
        yield* Effect.forkScoped(Effect.provide(relayOutbox, producer))
      }
      yield* costs
      const started = new Map<string, number>()
      const note = async ({ id }: { readonly id?: string | undefined }) => void started.set(id ?? "", performance.now())
      yield* measure(
        () =>
          backend === "postgres"
            ? new Worker(QUEUE_NAMES.WEBHOOK_DELIVERY, note, { connection: { connectionString: database, max: 5 }, concurrency: 20 }, createPostgresBackend)
            : new Worker(QUEUE_NAMES.WEBHOOK_DELIVERY, note, { connection: { url: Redacted.value(url), maxRetriesPerRequest: null }, concurrency: 20 }),
        started
      )
    }))
  }
}).pipe(Effect.scoped, Effect.provide(newOutboxTables), Effect.provide(Layer.merge(durablePostgres, OwnRedis.layer)))

NodeRuntime.runMain(program)
