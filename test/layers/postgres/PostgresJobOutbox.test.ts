import { assert, layer } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { openPlainQueue, ownOutboxTables } from "../../support/outboxTables.ts"

const queue = QUEUE_NAMES.INVOICE_PROCESSING
const data = { tenantId: "t", invoiceId: "i" }

const jobs = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql<Record<string, unknown>>`SELECT id, queue, name, state::text AS state, data, opts, priority, delay_ms::int AS delay, max_attempts, attempts_made FROM bullmq.job ORDER BY seq`)
const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<Record<string, unknown>>`SELECT * FROM tt_worker.outbox ORDER BY id`)

const clean = Effect.fnUntraced(function*(backend: "postgres" | "redis") {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM bullmq.job`
  yield* sql`DELETE FROM tt_worker.outbox`
  yield* (yield* JobOutbox).announceBackend(backend)
})

/** What PostgreSQL itself said. */
const refusal = (effect: Effect.Effect<unknown, unknown, SqlClient.SqlClient>) =>
  Effect.map(Effect.flip(effect), (error) => isSqlError(error) && error.reason.cause instanceof Error ? error.reason.cause.message : String(error))

layer(ownOutboxTables, { excludeTestServices: true })("enqueueing in the transaction of the business change", (it) => {
  it.effect("writes, where the queues are in PostgreSQL, the very job that Queue.add writes", () =>
    Effect.gen(function*() {
      yield* clean("postgres")
      const sql = yield* SqlClient.SqlClient
      const plain = yield* openPlainQueue(queue)
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      for (const { delay, telemetry } of [{ delay: 0, telemetry: null }, { delay: 60_000, telemetry: traceparent }]) {
        yield* sql`DELETE FROM bullmq.job`
        yield* Effect.promise(() =>
          plain.add(queue, data, {
            ...RECOMMENDED_JOB_OPTIONS,
            jobId: "by-bullmq",
            ...(delay > 0 ? { delay } : {}),
            ...(telemetry === null ? {} : { telemetry: { metadata: telemetry } })
          })
        )
        yield* sql`SELECT tt_worker.enqueue_job(${queue}, ${JSON.stringify(data)}, 'by-sql', 't', ${delay}::int::bigint, ${telemetry}::text)`
        const [expected, actual] = yield* jobs
        assert.deepStrictEqual({ ...actual, id: "", opts: null }, { ...expected, id: "", opts: null })
        assert.deepStrictEqual(JSON.parse(JSON.stringify(actual?.["opts"]).replace("by-sql", "by-bullmq")), expected?.["opts"])
      }
      assert.lengthOf(yield* rows, 0)
    }))

  it.effect("writes a job that yields to others as Queue.add writes one with a priority", () =>
    Effect.gen(function*() {
      yield* clean("postgres")
      const sql = yield* SqlClient.SqlClient
      const plain = yield* openPlainQueue(queue)
      yield* sql`DELETE FROM bullmq.job`
      yield* Effect.promise(() => plain.add(queue, data, { ...RECOMMENDED_JOB_OPTIONS, jobId: "by-bullmq", priority: 10 }))
      yield* (yield* JobOutbox).enqueue(queue, data, { jobId: "by-outbox", priority: 10 })
      const [expected, actual] = yield* jobs
      assert.deepStrictEqual({ ...actual, id: "", opts: null }, { ...expected, id: "", opts: null })
      assert.strictEqual(actual?.["priority"], 10)
      assert.deepInclude(actual?.["opts"], { priority: 10 })
    }))

  for (const backend of ["postgres", "redis"] as const) {
    it.effect(`keeps the job and the change both, or neither (queues in ${backend})`, () =>
      Effect.gen(function*() {
        yield* clean(backend)
        const sql = yield* SqlClient.SqlClient
        const outbox = yield* JobOutbox
        const change = (id: string) =>
          sql`INSERT INTO projects (id, "tenantId") VALUES (${id}, 't')`.pipe(Effect.andThen(outbox.enqueue(queue, data, { jobId: `job-${id}` })))
        const count = Effect.map(Effect.all([jobs, rows, sql`SELECT id FROM projects`]), ([...all]) => all.map(({ length }) => length))
        yield* sql`DELETE FROM projects`
        yield* Effect.flip(sql.withTransaction(Effect.andThen(change("a"), Effect.fail("no"))))
        assert.deepStrictEqual(yield* count, [0, 0, 0])
        assert.strictEqual(yield* sql.withTransaction(change("a")), "job-a")
        assert.deepStrictEqual(yield* count, backend === "postgres" ? [1, 0, 1] : [0, 1, 1])
      }))
  }

  it.effect("keeps the data, where the queues are in Redis, byte for byte, with its trace, tenant and delay", () =>
    Effect.gen(function*() {
      yield* clean("redis")
      const sql = yield* SqlClient.SqlClient
      const outbox = yield* JobOutbox
      const text = `{"z":1.50,  "a":"\\u0000é","tenantId":"t"}`
      yield* sql`SELECT tt_worker.enqueue_job(${queue}, ${text}, 'x1')`
      const sent = yield* Effect.gen(function*() {
        yield* outbox.enqueueMany(queue, [{ data, jobId: "x2", delay: Duration.seconds(5) }, { data, jobId: "x3" }])
        return HttpTraceContext.toHeaders(yield* Effect.orDie(Effect.currentSpan))["traceparent"]
      }).pipe(Effect.withSpan("upload"))
      const [first, second, third] = yield* rows
      assert.deepInclude(first, { data: text, jobId: "x1", tenantId: null, traceparent: null, attempts: 0 })
      assert.deepInclude(second, { data: JSON.stringify(data), jobId: "x2", tenantId: "t", queue })
      assert.strictEqual(String(second?.["delayMs"]), "5000")
      assert.deepInclude(third, { jobId: "x3" })
      assert.strictEqual(String(second?.["traceparent"]).slice(0, 36), sent?.slice(0, 36))
    }))

  it.effect("adds the same id once, and makes an id that BullMQ takes when none is given", () =>
    Effect.gen(function*() {
      yield* clean("postgres")
      const outbox = yield* JobOutbox
      assert.strictEqual(yield* outbox.enqueue(queue, data, { jobId: "once" }), "once")
      assert.strictEqual(yield* outbox.enqueue(queue, data, { jobId: "once" }), "once")
      const made = yield* outbox.enqueueMany(queue, [{ data }, { data }])
      assert.deepStrictEqual((yield* jobs).map(({ id }) => id), ["once", ...made])
      for (const id of made) assert.match(id, /^tt-[0-9a-f-]{36}$/)
    }))

  it.effect("refuses what no queue could take, and says what and why", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (const backend of ["postgres", "redis"] as const) {
        yield* clean(backend)
        const call = (queue: string, text: string | null, id: string | null = null, delay = 0) =>
          refusal(sql`SELECT tt_worker.enqueue_job(${queue}, ${text}::text, ${id}::text, 't', ${delay}::int::bigint)`)
        assert.include(yield* call("invoices", "{}"), "there is no queue \"invoices\"")
        for (const id of ["17", "-3", "0", "a:b", "meta", "wait", ""]) assert.include(yield* call(queue, "{}", id), `the job id "${id}" cannot be used`)
        assert.include(yield* call(queue, "{}", null, -1), "a delay of -1 ms")
        for (const text of [null, "[]", "\"x\"", "null"]) assert.include(yield* call(queue, text), "must be a JSON object")
        assert.include(yield* call(queue, "{"), "json")
        assert.deepStrictEqual([yield* jobs, yield* rows], [[], []])
      }
      yield* clean("postgres")
      const error = yield* Effect.flip((yield* JobOutbox).enqueue(queue, { ...data, invoiceId: "a\u0000b" }))
      assert.strictEqual(error.reason, "refused")
      assert.strictEqual(error.retry._tag, "Permanent")
      assert.include(error.message, "contains a NUL character")
    }))

  for (const backend of ["postgres", "redis"] as const) {
    it.effect(`writes many at once as it writes one after the other, in their order (queues in ${backend})`, () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        const given = Array.from({ length: 60 }, (_, n) => ({
          queue: n % 3 === 0 ? QUEUE_NAMES.AUTOMATION : queue,
          data: `{"z":1.50, "tenantId":"t-${n}"}`,
          id: `run-${n === 59 ? 1 : n}`,
          tenant: `t-${n}`,
          delay: n % 10 === 0 ? 60_000 : null,
          priority: n % 7 === 0 ? 10 : 0
        }))
        const text = JSON.stringify(given)
        const written = Effect.map(Effect.all([jobs, rows]), ([inQueue, inOutbox]) => ({
          inQueue: inQueue.toSorted((a, b) => String(a["queue"]).localeCompare(String(b["queue"]))),
          inOutbox: inOutbox.map((row) => ({ ...row, id: null, createdAt: null }))
        }))
        yield* clean(backend)
        yield* sql`SELECT CASE j.priority WHEN 0 THEN tt_worker.enqueue_job(j.queue, j.data, j.id, j.tenant, j.delay, ${traceparent}::text)
            ELSE tt_worker.enqueue_job_behind(j.priority, j.queue, j.data, j.id, j.tenant, j.delay, ${traceparent}::text) END
          FROM json_to_recordset(${text}::text::json) AS j(queue text, data text, id text, tenant text, delay bigint, priority integer)`
        const one = yield* written
        yield* clean(backend)
        const ids = yield* sql<{ readonly id: string }>`SELECT tt_worker.enqueue_jobs(${text}::text::json, ${traceparent}::text) AS id`
        assert.deepStrictEqual(ids.map(({ id }) => id), given.map(({ id }) => id))
        assert.deepStrictEqual(yield* written, one)
        assert.lengthOf(backend === "postgres" ? one.inQueue : one.inOutbox, backend === "postgres" ? 59 : 60)
      }))
  }

  it.effect("refuses many at once for the one that no queue could take", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (const backend of ["postgres", "redis"] as const) {
        yield* clean(backend)
        const call = (odd: object) =>
          refusal(sql`SELECT tt_worker.enqueue_jobs(${JSON.stringify(Array.from({ length: 60 }, (_, n) => ({ queue, data: "{}", id: `run-${n}`, ...(n === 31 ? odd : {}) })))}::text::json)`)
        assert.include(yield* call({ queue: "invoices" }), "there is no queue \"invoices\"")
        for (const id of ["17", "a:1", "stalled-check"]) assert.include(yield* call({ id }), `the job id "${id}" cannot be used`)
        assert.include(yield* call({ delay: -1 }), "a delay of -1 ms")
        for (const data of ["[]", null]) assert.include(yield* call({ data }), "must be a JSON object")
        if (backend === "postgres") assert.include(yield* call({ data: `{"a":"\\u0000"}` }), "contains a NUL character")
        assert.deepStrictEqual([yield* jobs, yield* rows], [[], []])
      }
    }))

  it.effect("can be called by a role that has nothing but the right to call it, whatever its search_path", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE ROLE api_only`
      yield* sql`GRANT USAGE ON SCHEMA tt_worker TO api_only`
      for (const backend of ["postgres", "redis"] as const) {
        yield* clean(backend)
        const call = (statement: Effect.Effect<unknown, unknown>) =>
          sql.withTransaction(Effect.gen(function*() {
            // What such a role could put in the way of the function's own names.
            yield* sql`CREATE TEMPORARY TABLE IF NOT EXISTS settings (key text, value text) ON COMMIT DROP`
            yield* sql`SET LOCAL search_path = pg_temp, bullmq`
            yield* sql`SET LOCAL ROLE api_only`
            yield* statement
          }))
        yield* sql`REVOKE EXECUTE ON FUNCTION tt_worker.enqueue_job FROM api_only`
        assert.include(yield* refusal(call(sql`SELECT tt_worker.enqueue_job(${queue}, '{}')`)), "permission denied for function")
        yield* sql`GRANT EXECUTE ON FUNCTION tt_worker.enqueue_job TO api_only`
        yield* call(sql`SELECT tt_worker.enqueue_job(${queue}, '{}')`)
        assert.lengthOf(yield* (backend === "postgres" ? jobs : rows), 1)
        for (const table of ["tt_worker.outbox", "tt_worker.settings", "bullmq.job"]) {
          assert.include(yield* refusal(call(sql.unsafe(`SELECT * FROM ${table}`))), "permission denied")
        }
      }
    }))

  it.effect("waits in the outbox until a worker has said where the queues are", () =>
    Effect.gen(function*() {
      yield* clean("postgres")
      const sql = yield* SqlClient.SqlClient
      yield* sql`DELETE FROM tt_worker.settings WHERE key = 'queue_backend'`
      yield* (yield* JobOutbox).enqueue(queue, data)
      assert.lengthOf(yield* rows, 1)
    }))
})
