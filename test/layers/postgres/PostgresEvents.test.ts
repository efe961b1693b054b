import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { query } from "../../../layers/embedded/connection.ts"
import { MAX_EVENT_BYTES, QUEUE_NAMES } from "../../../src/contract/index.ts"
import { WebhookDeliveryJob } from "../../../src/contract/jobSchemas.ts"
import { Events } from "../../../src/services/Events.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { tablesAt } from "../../support/invoiceTables.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { isNarrowed } from "../../support/postgresAt.ts"

const payload = { z: 1, a: { id: "e1", note: "café" } }

let made = 0

/** A firm with these webhooks: id to the events that it subscribes to. */
const firm = Effect.fnUntraced(function*(hooks: Record<string, ReadonlyArray<string>>, active = true) {
  const sql = yield* SqlClient.SqlClient
  const tenantId = `firm-${++made}`
  for (const [name, events] of Object.entries(hooks)) {
    yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret, events, active)
      VALUES (${`${tenantId}-${name}`}, ${tenantId}, 'https://user:p@ss@hooks.example.com:8443/services/T0/secret?k=1', 'whsec', string_to_array(${events.join(",")}, ','), ${active})`
  }
  return tenantId
})

const deliveriesOf = Effect.fnUntraced(function*(tenantId: string) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Record<string, unknown>>`SELECT * FROM webhook_deliveries WHERE "tenantId" = ${tenantId} ORDER BY "webhookId"`
})
const jobs = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<Record<string, unknown>>`SELECT id, queue, data FROM bullmq.job ORDER BY seq`)
const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<Record<string, unknown>>`SELECT * FROM tt_worker.outbox ORDER BY id`)
const clean = Effect.fnUntraced(function*(backend: "postgres" | "redis") {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM bullmq.job`
  yield* sql`DELETE FROM tt_worker.outbox`
  yield* (yield* JobOutbox).announceBackend(backend)
})

const emit = (tenantId: string, event = "entry.approved", key = "k1", body: Readonly<Record<string, unknown>> = payload) =>
  Events.use((events) => events.emit(tenantId, event, body, key))

const refusal = (effect: Effect.Effect<unknown, unknown, SqlClient.SqlClient>) =>
  Effect.map(Effect.flip(effect), (error) => isSqlError(error) && error.reason.cause instanceof Error ? error.reason.cause.message : String(error))

const decodeJob = Schema.decodeUnknownSync(WebhookDeliveryJob, { onExcessProperty: "error" })
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

const tables = Layer.provideMerge(newOutboxTables, OwnPostgres.layer)

layer(tables, { excludeTestServices: true })("an event", (it) => {
  it.effect("goes to each active webhook of the tenant that subscribes to it: by name, by entry.* and by *", () =>
    Effect.gen(function*() {
      yield* clean("redis")
      const tenantId = yield* firm({
        exact: ["invoice.processed", "entry.approved"],
        group: ["entry.*"],
        all: ["*"],
        other: ["entry.rejected", "invoice.*", "entry", "entr.*", "entry.approved.*", "Entry.approved"],
        none: []
      })
      yield* firm({ stranger: ["entry.approved", "*"] })
      const { deliveryIds, eventId } = yield* emit(tenantId)
      const written = yield* deliveriesOf(tenantId)
      assert.deepStrictEqual(written.map((row) => row["webhookId"]), ["all", "exact", "group"].map((name) => `${tenantId}-${name}`))
      assert.sameMembers([...deliveryIds], written.map((row) => row["id"]))
      const body = JSON.stringify(payload)
      for (const row of written) {
        assert.deepInclude(row, { event: "entry.approved", payload, body, bodyHash: sha256(body), eventId, idempotencyKey: "k1", status: "pending" })
        assert.isBelow(Math.abs(Date.now() - new Date(String(row["createdAt"])).getTime()), 60_000)
      }
      const deep = yield* firm({ top: ["a.*"], middle: ["a.b.*"], exact: ["a.b.c"], not: ["a.b", "b.*"] })
      assert.lengthOf((yield* emit(deep, "a.b.c")).deliveryIds, 3)
      const off = yield* firm({ off: ["*"] }, false)
      assert.deepStrictEqual((yield* emit(off)).deliveryIds, [])
      assert.isEmpty(yield* deliveriesOf(off))
    }))

  for (const backend of ["postgres", "redis"] as const) {
    it.effect(`has its jobs in the same transaction, which name neither the secret nor the path of the address (queues in ${backend})`, () =>
      Effect.gen(function*() {
        yield* clean(backend)
        const sql = yield* SqlClient.SqlClient
        const tenantId = yield* firm({ one: ["*"], two: ["entry.*"] })
        yield* Effect.flip(sql.withTransaction(Effect.andThen(emit(tenantId), Effect.fail("no"))))
        assert.deepStrictEqual([yield* deliveriesOf(tenantId), yield* jobs, yield* rows], [[], [], []])

        yield* sql.withTransaction(emit(tenantId))
        const enqueued = backend === "postgres" ? yield* jobs : (yield* rows).map((row) => ({ id: row["jobId"], queue: row["queue"], data: JSON.parse(String(row["data"])) }))
        assert.lengthOf(yield* (backend === "postgres" ? rows : jobs), 0)
        const written = yield* deliveriesOf(tenantId)
        assert.sameMembers(enqueued.map(({ id }) => id), written.map((row) => row["id"]))
        for (const job of enqueued) {
          assert.strictEqual(job.queue, QUEUE_NAMES.WEBHOOK_DELIVERY)
          const { webhookDeliveryId, webhookId, ...rest } = decodeJob(job.data)
          assert.deepStrictEqual(rest, { tenantId, event: "entry.approved", url: "https://hooks.example.com:8443/", secret: null, payload: {} })
          assert.strictEqual(written.find((row) => row["id"] === webhookDeliveryId)?.["webhookId"], webhookId)
        }
      }))
  }

  it.effect("is one delivery per webhook for the same idempotency key, also at the same moment; the first payload stands", () =>
    Effect.gen(function*() {
      yield* clean("redis")
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* firm({ one: ["*"], two: ["*"] })
      const together = yield* Effect.all(Array.from({ length: 8 }, (_, index) => emit(tenantId, "entry.approved", "key", { index })), { concurrency: "unbounded" })
      for (const answer of together) assert.deepStrictEqual(answer, together[0])
      const first = yield* deliveriesOf(tenantId)
      assert.lengthOf(first, 2)
      assert.lengthOf(yield* rows, 2)
      assert.deepStrictEqual(yield* emit(tenantId, "entry.approved", "key", { other: true }), together[0])
      assert.deepStrictEqual(yield* deliveriesOf(tenantId), first)

      // A webhook that came later gets its own; another event, tenant or key is another event.
      yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`${tenantId}-zlate`}, ${tenantId}, 'https://x.test', '{*}')`
      const later = yield* emit(tenantId, "entry.approved", "key")
      assert.strictEqual(later.eventId, together[0]?.eventId)
      assert.lengthOf(later.deliveryIds, 3)
      const others = yield* Effect.all([emit(tenantId, "entry.rejected", "key"), emit(tenantId, "entry.approved", "key2"), emit(yield* firm({ one: ["*"] }), "entry.approved", "key")])
      assert.strictEqual(new Set([later, ...others].map(({ eventId }) => eventId)).size, 4)
      // Ids and names that run into each other.
      const [ab, a] = [yield* firm({}), yield* firm({})]
      assert.notStrictEqual((yield* emit(`${a}x`, "y", "k")).eventId, (yield* emit(a, "xy", "k")).eventId)
      assert.notStrictEqual(ab, a)
    }))

  it.effect("keeps the body byte for byte, whatever it holds, with something valid as payload", () =>
    Effect.gen(function*() {
      yield* clean("postgres")
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* firm({ one: ["*"] })
      const send = (text: string) => sql`SELECT "eventId" FROM tt_worker.emit_event(${tenantId}, 'odd.body', ${text})`
      const stored = (text: string) => sql<Record<string, unknown>>`SELECT body, "bodyHash", payload FROM webhook_deliveries WHERE "tenantId" = ${tenantId} AND "bodyHash" = ${sha256(text)}`
      const check = Effect.fnUntraced(function*(text: string) {
        yield* send(text)
        const [row] = yield* stored(text)
        assert.strictEqual(row?.["body"], text)
        return row?.["payload"]
      })
      assert.deepStrictEqual(yield* check(`{ "b": 1.50,"a":[ ], "b": 2 }`), { a: [], b: 2 })
      // A NUL, a NUL that is none, an escaped backslash before one, halves of pairs, a whole pair, a number beyond all.
      assert.deepStrictEqual(yield* check(String.raw`{"nul":"\u0000\u0000","text":"\\u0000","both":"\\\u0000","quote":"\"\\\"\u0000"}`), {
        nul: "\ufffd\ufffd",
        text: "\\u0000",
        both: "\\\ufffd",
        quote: "\"\\\"\ufffd"
      })
      assert.deepStrictEqual(yield* check(String.raw`{"half":"\ud800","other":"x\uDC00","pair":"\ud83d\ude00","twice":"\ud83d\ud83d\ude00"}`), {
        half: "\ufffd",
        other: "x\ufffd",
        pair: "😀",
        twice: "\ufffd😀"
      })
      assert.deepStrictEqual(yield* check(`{"n":1e400000}`), {})
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.dictionary(fc.string({ unit: "binary" }), fc.json({ stringUnit: "binary" })), (value) =>
            Effect.runPromise(Effect.map(check(JSON.stringify({ ...value, unique: Math.random() })), (payload) => assert.isObject(payload)))
          ),
          { numRuns: 100 }
        )
      )
    }))

  it.effect("is refused with a clear reason when it cannot be sent", () =>
    Effect.gen(function*() {
      yield* clean("redis")
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* firm({ one: ["*"] })
      const full = { text: "é".repeat((MAX_EVENT_BYTES - `{"text":""}`.length - 1) / 2) }
      yield* emit(tenantId, "large.one", "a", full)
      const error = yield* Effect.flip(emit(tenantId, "large.two", "a", { ...full, more: 1 }))
      assert.strictEqual(error.reason, "refused")
      assert.strictEqual(error.retry._tag, "Permanent")
      assert.match(error.message, /the payload of event large\.two has 262\d+ bytes; 262144 is the most$/)
      assert.strictEqual((yield* Effect.flip(emit(tenantId, "x", "k", { big: 1n }))).detail, "the payload is no JSON object")
      for (const name of ["", "entry.*", "a..b", ".a", "a b", "a\nb", "é", "a".repeat(129)]) {
        assert.include((yield* Effect.flip(emit(tenantId, name))).message, "is no name of an event")
      }
      for (const key of ["", "k".repeat(301)]) assert.include((yield* Effect.flip(emit(tenantId, "x", key))).message, "1 to 300 characters")
      assert.include((yield* Effect.flip(emit(""))).message, "an event needs its tenant")
      for (const text of [null, "[]", "null", "\"x\""]) {
        assert.include(yield* refusal(sql`SELECT "eventId" FROM tt_worker.emit_event(${tenantId}, 'x', ${text}::text)`), "must be a JSON object")
      }
      assert.include(yield* refusal(sql`SELECT "eventId" FROM tt_worker.emit_event(${tenantId}, 'x', '{')`), "json")
      assert.lengthOf(yield* deliveriesOf(tenantId), 1)
    }))

  it.effect("numbers the deliveries that must keep their order", () =>
    Effect.gen(function*() {
      const tenantId = yield* firm({ one: ["*"] })
      const events = yield* Events
      for (const n of [1, 2, 3]) yield* events.emit(tenantId, "x", { n }, `k${n}`, { orderingKey: "invoice-1" })
      yield* emit(tenantId, "x", "k4", { n: 4 })
      const sql = yield* SqlClient.SqlClient
      const ordered = yield* sql`SELECT payload->'n' AS n FROM webhook_deliveries WHERE "tenantId" = ${tenantId} AND "orderingKey" = 'invoice-1' ORDER BY "orderingSequence"`
      assert.deepStrictEqual(ordered.map((row) => row["n"]), [1, 2, 3])
    }))

  it.effect("does not fail the business change when a webhook is deleted at the same moment", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* firm({ going: ["*"], staying: ["*"] })
      const deleting = yield* sql.withTransaction(
        sql`DELETE FROM webhooks WHERE id = ${`${tenantId}-going`}`.pipe(Effect.andThen(Effect.sleep("300 millis")))
      ).pipe(Effect.forkScoped)
      yield* Effect.sleep("100 millis")
      assert.lengthOf((yield* emit(tenantId)).deliveryIds, 1)
      yield* Fiber.join(deleting)
    }))

  it.effect.skipIf(isNarrowed)("can be emitted by a role that has nothing but the right to, whatever its search_path", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE ROLE api_events`
      yield* sql`GRANT USAGE ON SCHEMA tt_worker TO api_events`
      const tenantId = yield* firm({ one: ["*"] })
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status) VALUES (${`inv-${tenantId}`}, ${tenantId}, 'f', 'processed')`
      const call = (statement: Effect.Effect<unknown, unknown>) =>
        sql.withTransaction(Effect.gen(function*() {
          yield* sql`CREATE TEMPORARY TABLE IF NOT EXISTS webhooks (id text, "tenantId" text, url text, active boolean, events text[]) ON COMMIT DROP`
          yield* sql`SET LOCAL search_path = pg_temp, public`
          yield* sql`SET LOCAL ROLE api_events`
          yield* statement
        }))
      const emits = sql`SELECT "eventId" FROM tt_worker.emit_event(${tenantId}, 'x', '{}')`
      const again = sql`SELECT outcome FROM tt_worker.process_again(${tenantId}, ${`inv-${tenantId}`})`
      for (const backend of ["postgres", "redis"] as const) {
        yield* clean(backend)
        yield* sql`REVOKE EXECUTE ON FUNCTION tt_worker.emit_event, tt_worker.process_again FROM api_events`
        for (const statement of [emits, again]) assert.include(yield* refusal(call(statement)), "permission denied for function")
        yield* sql`GRANT EXECUTE ON FUNCTION tt_worker.emit_event, tt_worker.process_again TO api_events`
        yield* call(emits)
        yield* call(again)
        for (const table of ["webhook_deliveries", "tt_worker.invoice_claims"]) {
          assert.include(yield* refusal(call(sql.unsafe(`SELECT * FROM ${table}`))), "permission denied")
        }
      }
      assert.lengthOf(yield* deliveriesOf(tenantId), 2)
    }))
})

layer(OwnPostgres.layer, { excludeTestServices: true })("an event, on tables that the API has made in a schema of its own", (it) => {
  it.effect("is written there", () =>
    Effect.gen(function*() {
      const url = yield* OwnPostgres.use(({ makeDatabase }) => makeDatabase)
      yield* query(url, apiSchema("app"))
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO webhooks (id, "tenantId", url, events, "updatedAt") VALUES ('w1', 't1', 'https://x.test/', '{entry.*}', now()), ('w2', 't1', 'https://x.test/', NULL, now())`
        const { deliveryIds } = yield* emit("t1")
        assert.lengthOf(deliveryIds, 1)
        assert.lengthOf(yield* deliveriesOf("t1"), 1)
        const [row] = yield* sql`SELECT outcome FROM tt_worker.process_again('t1', 'i1')`
        assert.strictEqual(row?.["outcome"], "asked")
      }).pipe(Effect.provide(tablesAt(Redacted.make(`${Redacted.value(url)}?schema=app`))))
    }))
})
