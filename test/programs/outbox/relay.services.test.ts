import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger, Ref } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { BullmqProducer } from "../../../layers/bullmq/BullmqProducer.ts"
import { relayOutbox } from "../../../programs/outbox/relay.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { JobProducer, JobProducerError } from "../../../src/services/JobProducer.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { until } from "../../support/until.ts"
import { onRedis, QueueServer } from "../../layers/bullmq/QueueServer.ts"

const queue = QUEUE_NAMES.INVOICE_PROCESSING
const data = { tenantId: "t", invoiceId: "i" }

const lines: Array<string> = []
const logger = Logger.layer([Logger.make(({ message }) => void lines.push(Array.isArray(message) ? message.join(" ") : String(message)))])

const servers = Layer.mergeAll(OwnPostgres.layer, onRedis, logger)

/** New tables and a new Redis database for one test, and a way to start relays between them. */
const makeBench = Effect.gen(function*() {
  lines.length = 0
  const server = yield* QueueServer
  const place = yield* server.newPlace
  const plain = yield* place.openQueue(queue)
  const sql = yield* SqlClient.SqlClient
  const outbox = yield* JobOutbox
  yield* outbox.announceBackend("redis")
  return {
    server,
    plain,
    startRelay: Effect.gen(function*() {
      const context = yield* Layer.build(Layer.fresh(Layer.provide(BullmqProducer, place.backend)))
      yield* relayOutbox.pipe(Effect.provide(context), Effect.forkScoped)
    }),
    rows: sql<Record<string, unknown>>`SELECT * FROM tt_worker.outbox ORDER BY id`,
    arrives: (id: string, limit?: number) => until(Effect.promise(() => plain.getJobState(id)), (state) => state !== "unknown", limit),
    enqueue: (id: string) => outbox.enqueue(queue, data, { jobId: id })
  }
})

const withRelays = <A, E, R>(count: number, test: (bench: Effect.Success<typeof makeBench>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const bench = yield* makeBench
    for (let started = 0; started < count; started++) yield* bench.startRelay
    return yield* test(bench)
  }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped)

layer(servers, { excludeTestServices: true })("the relay from the outbox to Redis", (it) => {
  it.effect("has a job in the queue a moment after the commit, and not before", () =>
    withRelays(1, ({ arrives, enqueue, plain, rows }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* enqueue("warm-up")
        yield* arrives("warm-up")
        yield* sql.withTransaction(Effect.gen(function*() {
          yield* enqueue("one")
          yield* Effect.sleep("300 millis")
          assert.strictEqual(yield* Effect.promise(() => plain.getJobState("one")), "unknown")
        }))
        const began = performance.now()
        yield* arrives("one")
        // The look itself is taken every 20 ms; the figures proper are the benchmark's.
        assert.isBelow(performance.now() - began, 100, "milliseconds")
        yield* until(rows, ({ length }) => length === 0)
      })))

  it.effect("hands over data, trace and what is left of the delay as they were given", () =>
    withRelays(0, ({ arrives, plain, startRelay }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        const text = `{"tenantId":"t","invoiceId":"i","added":{"b":1,"a":"\\u0000"}}`
        yield* sql`SELECT tt_worker.enqueue_job(${queue}, ${text}, 'full', 't', 60000, ${traceparent})`
        yield* sql`UPDATE tt_worker.outbox SET "createdAt" = "createdAt" - interval '20 seconds'`
        yield* sql`SELECT tt_worker.enqueue_job(${queue}, ${text}, 'late', 't', 1)`
        yield* (yield* JobOutbox).enqueue(queue, { tenantId: "t", invoiceId: "i" }, { jobId: "yielding", priority: 10 })
        yield* startRelay
        assert.strictEqual(yield* arrives("yielding"), "prioritized")
        assert.strictEqual((yield* Effect.promise(() => plain.getJob("yielding")))?.opts.priority, 10)
        assert.strictEqual(yield* arrives("full"), "delayed")
        const job = yield* Effect.promise(() => plain.getJob("full"))
        assert.strictEqual(JSON.stringify(job?.data), text)
        assert.strictEqual(job?.opts.telemetry?.metadata, JSON.stringify({ traceparent }))
        assert.isTrue((job?.delay ?? 0) > 35_000 && (job?.delay ?? 0) <= 40_000, String(job?.delay))
        assert.strictEqual(yield* arrives("late"), "waiting")
      })))

  it.effect("lets several relays share the rows: each job once, none left", () =>
    withRelays(3, ({ enqueue, plain, rows }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(Array.from({ length: 1500 }, (_, index) => `many-${index}`), enqueue, { concurrency: 8 })
        yield* until(rows, ({ length }) => length === 0)
        const counts = yield* Effect.promise(() => plain.getJobCounts())
        assert.deepInclude(counts, { waiting: 1500 })
      })))

  it.effect("keeps everything while Redis is away, says so once, and carries it after the return", () =>
    withRelays(1, ({ arrives, enqueue, rows, server }) =>
      Effect.gen(function*() {
        yield* enqueue("before")
        yield* arrives("before")
        yield* server.stop
        yield* Effect.gen(function*() {
          for (let index = 0; index < 20; index++) yield* enqueue(`away-${index}`)
          yield* Effect.sleep("8 seconds")
          const waiting = yield* rows
          assert.lengthOf(waiting, 20)
          assert.deepStrictEqual(new Set(waiting.map((row) => row["setAsideAt"])), new Set([null]))
        }).pipe(Effect.ensuring(server.start))
        for (let index = 0; index < 20; index++) yield* arrives(`away-${index}`)
        yield* until(rows, ({ length }) => length === 0)
        assert.lengthOf(lines.filter((line) => line.startsWith("the outbox waits")), 1)
        assert.lengthOf(lines.filter((line) => line.startsWith("the outbox is carried")), 1)
      })), 60_000)

  it.effect("finds what was committed while nobody listened, and while the database had thrown the listener out", () =>
    withRelays(0, ({ arrives, enqueue, startRelay }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* enqueue("early")
        yield* startRelay
        yield* arrives("early")
        const listeners = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`
        assert.lengthOf(yield* until(listeners, ({ length }) => length === 1), 1)
        yield* enqueue("unheard")
        yield* arrives("unheard", 2_000)
        // And it listens again.
        yield* until(sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`, ({ length }) => length === 1)
        yield* Effect.sleep("1200 millis")
        const began = performance.now()
        yield* enqueue("heard")
        yield* arrives("heard")
        assert.isBelow(performance.now() - began, 200, "milliseconds")
      })))

  it.effect("puts a row that the queue refuses for good aside with its error; it holds nobody up", () =>
    withRelays(0, ({ arrives, enqueue, rows, startRelay }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const poison = (queue: string, id: string, text: string) =>
          sql`INSERT INTO tt_worker.outbox (queue, "jobId", data) VALUES (${queue}, ${id}, ${text})`
        yield* enqueue("first")
        yield* poison(queue, "17", "{}")
        yield* poison("no-such-queue", "lost", "{}")
        yield* enqueue("second")
        yield* poison(queue, "broken", "{")
        yield* enqueue("third")
        yield* startRelay
        for (const id of ["first", "second", "third"]) yield* arrives(id)
        const left = yield* until(rows, (left) => left.length === 3 && left.every((row) => row["setAsideAt"] !== null))
        assert.deepStrictEqual(left.map((row) => [row["jobId"], row["lastError"]]), [
          ["17", "Custom Id cannot be integers"],
          ["lost", "there is no queue no-such-queue"],
          ["broken", "the data is no JSON"]
        ])
        // Mended by hand, it goes.
        yield* sql`UPDATE tt_worker.outbox SET data = '{}', "setAsideAt" = NULL WHERE "jobId" = 'broken'`
        yield* arrives("broken")
      })))

  it.effect("tries a row that fails for a reason of its own later, the others first", () =>
    withRelays(0, ({ arrives, enqueue, plain, rows }) =>
      Effect.gen(function*() {
        const tries = yield* Ref.make(0)
        // The queue's server takes everything but this one row, and does not say why.
        const moody = Layer.succeed(JobProducer, {
          add: () => Effect.die("not used"),
          addMany: () => Effect.die("not used"),
          alive: () => Effect.die("not used"),
          incarnation: () => Effect.succeed("there"),
          addStored: (queue, jobs) =>
            jobs.some(({ jobId }) => jobId === "moody")
              ? Ref.update(tries, (count) => count + 1).pipe(
                Effect.andThen(Effect.fail(new JobProducerError({ queue, reason: "unavailable", detail: "something is wrong" })))
              )
              : Effect.promise(() => plain.addBulk(jobs.map(({ data, jobId }) => ({ name: "x", data, opts: { jobId: jobId ?? "" } })))).pipe(Effect.as([]))
        })
        yield* enqueue("moody")
        yield* enqueue("patient")
        yield* relayOutbox.pipe(Effect.provide(moody), Effect.forkScoped)
        yield* arrives("patient")
        const [row] = yield* until(rows, ([row]) => row?.["attempts"] === 2)
        assert.deepInclude(row, { jobId: "moody", lastError: "something is wrong", setAsideAt: null })
        assert.isAtMost(yield* Ref.get(tries), 4)
      })))

  it.effect("delivers a row again, to no effect, when the commit after the delivery was lost", () =>
    withRelays(0, ({ arrives, enqueue, plain, rows, startRelay }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* enqueue("twice")
        const [row] = yield* rows
        yield* startRelay
        yield* arrives("twice")
        yield* until(rows, ({ length }) => length === 0)
        yield* sql`INSERT INTO tt_worker.outbox (queue, "jobId", data) VALUES (${queue}, 'twice', ${String(row?.["data"])})`
        yield* until(rows, ({ length }) => length === 0)
        assert.deepInclude(yield* Effect.promise(() => plain.getJobCounts()), { waiting: 1 })
      })))
})
