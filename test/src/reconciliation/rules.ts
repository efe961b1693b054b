import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Logger, type Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { decideRun } from "../../../src/domain/InvoiceStatus.ts"
import { InvoiceId, TenantId } from "../../../src/domain/ids.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import type { QueueServer } from "../../layers/bullmq/QueueServer.ts"
import { rowOf } from "../../support/invoiceTables.ts"
import { makeQueues, newTenant, pass, totalOf, upload } from "../../support/lostJobs.ts"
import { newOutboxTables, type OutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

const lease = Duration.seconds(30)

const claim = Effect.fnUntraced(function*(tenantId: string, invoiceId: string, jobId: string) {
  const answer = yield* (yield* Invoices).claim(TenantId.make(tenantId), InvoiceId.make(invoiceId), { generation: 1, jobId, holder: "test", lease })
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(answer._tag)
})

/** How a queue is made again from the database, whichever server keeps it. */
export const reconciliationRules = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.mergeAll(OwnPostgres.layer, server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    const rule = <E>(words: string, test: () => Effect.Effect<unknown, E, OutboxTables | QueueServer | Scope.Scope>) =>
      it.effect(words, () => test().pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped))

    rule("an invoice without a job gets one, once", () =>
      Effect.gen(function*() {
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        const [invoiceId] = yield* upload("t")
        yield* pass("1 minute")
        const went = yield* go("invoices")
        assert.deepStrictEqual(went?.withoutJob, new Map([["t", 1]]))
        assert.deepStrictEqual((yield* waiting).map(({ data }) => data), [{ invoiceId, tenantId: "t" }])
        for (let minute = 0; minute < 5; minute++) {
          yield* pass("1 minute")
          assert.deepStrictEqual((yield* go("invoices"))?.withoutJob, new Map())
        }
        assert.lengthOf(yield* waiting, 1)
      }))

    rule("an invoice that has just been uploaded, or touched, has its job on the way", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 2)
        yield* pass("25 seconds")
        yield* go("invoices")
        yield* pass("1 minute")
        yield* sql`UPDATE invoices SET "updatedAt" = now() WHERE id = 't-1'`
        yield* go("invoices")
        assert.deepStrictEqual((yield* waiting).map(({ data }) => data.invoiceId), ["t-2"])
      }))

    rule("what people have decided, what has ended and what is archived needs no job", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, waiting } = yield* makeQueues
        for (const status of ["processed", "error", "approved", "paid", "refused-by-somebody"]) {
          yield* newTenant(status)
          yield* upload(status, 1, status)
        }
        yield* newTenant("archived")
        yield* upload("archived", 2)
        yield* sql`UPDATE invoices SET archived = true WHERE "tenantId" = 'archived'`
        yield* pass("1 minute")
        yield* go("invoices")
        assert.deepStrictEqual(yield* waiting, [])
      }))

    rule("rows from before the worker moved in are touched only when asked for, and counted before", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 3)
        yield* sql`UPDATE invoices SET "createdAt" = now() - interval '2 years', "updatedAt" = now() - interval '2 years' WHERE id <> 't-3'`
        yield* sql`UPDATE invoices SET "createdAt" = now() - interval '10 days', "updatedAt" = now() - interval '10 days' WHERE id = 't-3'`
        yield* go("invoices")
        assert.deepStrictEqual(yield* waiting, [])
        const since = DateTime.subtract(yield* DateTime.now, { days: 20 })
        const before = [yield* rowOf("t-3"), yield* sql`SELECT key, value, "updatedAt" FROM tt_worker.settings ORDER BY key`]
        const dry = yield* go("invoices", { since, dryRun: true })
        assert.deepStrictEqual(dry?.withoutJob, new Map([["t", 1]]))
        assert.deepStrictEqual([yield* rowOf("t-3"), yield* sql`SELECT key, value, "updatedAt" FROM tt_worker.settings ORDER BY key`], before)
        assert.deepStrictEqual(yield* waiting, [])
        yield* go("invoices", { since })
        assert.deepStrictEqual((yield* waiting).map(({ data }) => data.invoiceId), ["t-3"])
        assert.deepStrictEqual((yield* go("invoices", { since }))?.withoutJob, new Map())
      }))

    rule("a tenant with invoices off costs nothing; its skip is recorded; switched on, its invoices come at the next look", () =>
      Effect.gen(function*() {
        const { go, invoices, waiting } = yield* makeQueues
        const service = yield* Invoices
        yield* newTenant("t", false)
        yield* upload("t", 2)
        // One had a job, which found the feature off; the other's job was lost.
        yield* service.setAside(TenantId.make("t"), InvoiceId.make("t-1"), "feature-off")
        for (let minute = 0; minute < 3; minute++) {
          yield* pass("1 minute")
          assert.deepStrictEqual((yield* go("invoices"))?.withoutJob, new Map())
        }
        assert.deepStrictEqual(yield* waiting, [])
        assert.deepInclude((yield* rowOf("t-1")).claim, { skippedReason: "feature-off" })
        assert.isNotNull((yield* rowOf("t-1")).claim?.["skippedAt"])
        yield* newTenant("t", true)
        yield* go("invoices")
        assert.sameMembers((yield* waiting).map(({ data }) => data.invoiceId), ["t-1", "t-2"])

        // Off again before they ran: they are skipped again. On again: they come again.
        for (const { data, id } of yield* waiting) {
          yield* service.setAside(TenantId.make("t"), InvoiceId.make(data.invoiceId), "feature-off")
          yield* Effect.promise(() => invoices.remove(id))
        }
        yield* pass("1 minute")
        yield* go("invoices")
        assert.sameMembers((yield* waiting).map(({ data }) => data.invoiceId), ["t-1", "t-2"])
      }))

    rule("an invoice that somebody is at is left alone; of a killed process, it is enqueued again only if its job is gone too", () =>
      Effect.gen(function*() {
        const { go, invoices, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 2)
        const jobs = yield* Effect.promise(() => invoices.addBulk(["t-1", "t-2"].map((invoiceId) => ({ name: "x", data: { invoiceId, tenantId: "t" } }))))
        yield* pass("20 seconds")
        for (const job of jobs) yield* claim("t", job.data.invoiceId, job.id ?? "")
        yield* pass("29 seconds")
        assert.deepStrictEqual(yield* Effect.map(go("invoices"), (went) => [went?.withoutJob, went?.lost, went?.alive]), [new Map(), new Map(), new Map()])
        yield* pass("10 seconds")
        yield* Effect.promise(() => invoices.remove(jobs[1]?.id ?? ""))
        const went = yield* go("invoices")
        assert.deepStrictEqual([went?.lost, went?.alive], [new Map([["t", 1]]), new Map([["t", 1]])])
        assert.sameMembers((yield* waiting).map(({ data }) => data.invoiceId), ["t-1", "t-2"])
      }))

    rule("a job that waits for its next attempt is left to it; when it is gone, nobody waits until then", () =>
      Effect.gen(function*() {
        const { go, invoices, waiting } = yield* makeQueues
        const service = yield* Invoices
        yield* newTenant("t")
        yield* upload("t")
        const job = yield* Effect.promise(() => invoices.add("x", { invoiceId: "t-1", tenantId: "t" }, { delay: 600_000 }))
        const next = DateTime.add(yield* DateTime.now, { minutes: 10 })
        yield* service.noteRetry(yield* claim("t", "t-1", job.id ?? ""), { code: "ocr-unavailable", sentence: "Not reached." }, next)
        yield* pass("1 minute")
        assert.deepStrictEqual((yield* go("invoices"))?.alive, new Map([["t", 1]]))
        assert.lengthOf(yield* waiting, 1)
        yield* Effect.promise(() => invoices.remove(job.id ?? ""))
        yield* pass("1 minute")
        assert.deepStrictEqual((yield* go("invoices"))?.lost, new Map([["t", 1]]))
        assert.lengthOf(yield* waiting, 1)
      }))

    rule("a queue that was emptied by force is made again whole, whatever was known of its jobs", () =>
      Effect.gen(function*() {
        const { go, invoices, place, waiting } = yield* makeQueues
        const service = yield* Invoices
        yield* newTenant("a")
        yield* newTenant("b")
        const ids = [...(yield* upload("a", 40)), ...(yield* upload("b", 2))]
        yield* Effect.promise(() => invoices.addBulk(ids.map((invoiceId) => ({ name: "x", data: { invoiceId, tenantId: invoiceId.slice(0, 1) } }))))
        // One was handed back, one waits for its next attempt, one is at work and ends well in spite of all.
        yield* service.release(yield* claim("a", "a-1", "1"))
        yield* service.noteRetry(yield* claim("a", "a-2", "2"), { code: "c", sentence: "s" }, DateTime.add(yield* DateTime.now, { hours: 1 }))
        yield* go("invoices")
        yield* pass("1 minute")
        const atWork = yield* claim("a", "a-3", "3")
        yield* go("invoices")
        const doubled = (yield* waiting).length - 42
        assert.isAtMost(doubled, 39, "those that wait in line get one more job, never two")

        for (let time = 0; time < 2; time++) {
          yield* place.flush
          // Another upload takes the number of a lost job.
          yield* Effect.promise(() => invoices.add("x", { invoiceId: "other", tenantId: "b" }))
          yield* go("invoices")
          const found = new Set((yield* waiting).map(({ data }) => data.invoiceId))
          for (const id of ids) assert.strictEqual(found.has(id), id !== "a-3", id)
          assert.lengthOf(yield* waiting, 42)
          yield* pass("20 seconds")
          yield* service.renew(atWork, lease)
          yield* go("invoices")
          assert.lengthOf(yield* waiting, 42)
        }
      }))

    rule("a job that is lost again is found out within a minute, later after twice as long each time", () =>
      Effect.gen(function*() {
        const { go, invoices, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t")
        yield* pass("1 minute")
        yield* go("invoices")
        const found: Array<number> = []
        for (let quarter = 0; quarter <= 60; quarter++) {
          for (const { id } of yield* waiting) {
            found.push(quarter)
            yield* Effect.promise(() => invoices.remove(id))
          }
          yield* pass("15 seconds")
          yield* go("invoices")
        }
        // In quarters of a minute: after 45 s, 90 s, 180 s, 360 s.
        assert.deepStrictEqual(found.map((at, index) => at - (found[index - 1] ?? 0)), [0, 3, 6, 12, 24])
      }))

    rule("a go that died after the queue had the jobs does it again to no effect", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 3)
        yield* pass("1 minute")
        yield* go("invoices")
        const before = yield* waiting
        yield* sql`DELETE FROM tt_worker.invoice_claims`
        assert.deepStrictEqual((yield* go("invoices"))?.withoutJob, new Map([["t", 3]]))
        assert.deepStrictEqual(yield* waiting, before)
      }))

    rule("one tenant with thousands of lost jobs does not keep another waiting; so many are taken in one go", () =>
      Effect.gen(function*() {
        const { go, waiting } = yield* makeQueues
        yield* newTenant("big")
        yield* upload("big", 900)
        yield* pass("1 minute")
        yield* newTenant("small")
        yield* upload("small", 3)
        yield* pass("1 minute")
        const went = yield* go("invoices", { most: 100 })
        assert.deepStrictEqual([went?.full, went?.withoutJob], [true, new Map([["big", 97], ["small", 3]])])
        const order = (yield* waiting).map(({ data }) => data.tenantId)
        assert.isAtMost(Math.max(...order.flatMap((tenant, index) => tenant === "small" ? [index] : [])), 5)
        for (let more = 0; more < 8; more++) assert.isTrue((yield* go("invoices", { most: 100 }))?.full)
        assert.isFalse((yield* go("invoices", { most: 100 }))?.full)
        assert.lengthOf(yield* waiting, 903)
      }))

    rule("a reading that was asked for on purpose is not lost, and keeps its generation", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 1, "processed")
        const asked = yield* (yield* Invoices).requestReprocessing(TenantId.make("t"), InvoiceId.make("t-1"))
        assert.strictEqual(asked._tag, "Asked")
        yield* sql`DELETE FROM tt_worker.outbox`
        yield* pass("1 minute")
        yield* go("invoices")
        assert.deepStrictEqual((yield* waiting).map(({ data }) => data), [{ invoiceId: "t-1", tenantId: "t", generation: 2 }])
        assert.strictEqual(decideRun({ status: "processed", archived: false, claimedByOther: false, askedGeneration: 2, processedGeneration: 0 }), "run")
      }))

    rule("neither is one of an invoice that had ended in error; without being asked for, it stays as it is", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const service = yield* Invoices
        const { go, waiting } = yield* makeQueues
        yield* newTenant("t")
        yield* upload("t", 2)
        for (const id of ["t-1", "t-2"]) yield* service.fail(yield* claim("t", id, `job-${id}`), { code: "file-damaged", sentence: "Damaged." })
        const asked = yield* service.requestReprocessing(TenantId.make("t"), InvoiceId.make("t-1"))
        assert.strictEqual(asked._tag, "Asked")
        yield* sql`DELETE FROM tt_worker.outbox`
        yield* pass("2 minutes")
        yield* go("invoices")
        assert.deepStrictEqual((yield* waiting).map(({ data }) => data), [{ invoiceId: "t-1", tenantId: "t", generation: 2 }])
      }))

    rule("3,000 rows that need nothing and one late upload: one job is added", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { go, producer, waiting } = yield* makeQueues
        yield* newTenant("off", false)
        yield* upload("off", 1000)
        yield* newTenant("old")
        yield* upload("old", 1000)
        yield* sql`UPDATE invoices SET "createdAt" = "createdAt" - interval '1 year' WHERE "tenantId" = 'old'`
        yield* newTenant("waiting")
        yield* upload("waiting", 1000)
        yield* pass("1 minute")
        yield* go("invoices")
        assert.lengthOf(yield* waiting, 1000)
        yield* newTenant("late")
        yield* upload("late")
        yield* pass("1 minute")
        const went = yield* go("invoices")
        assert.deepStrictEqual([went?.withoutJob, went?.lost], [new Map([["late", 1]]), new Map()])
        assert.strictEqual(totalOf(went?.alive ?? new Map()), 1000)
        assert.lengthOf(yield* waiting, 1001)
        assert.strictEqual((yield* producer.alive("invoice-processing", (yield* waiting).map(({ id }) => id))).size, 1001)
      }))

    rule("a delivery that is not delivered gets its job with the webhook's host, without its path and its secret", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { deliveries, go } = yield* makeQueues
        yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret) VALUES ('w', 't', 'https://example.com/hook', 'secret'), ('x', 'stranger', 'https://example.org', null)`
        const payload = JSON.stringify({ event: "entry.approved", amounts: [1.5, { z: null }] })
        const deliver = (id: string, webhook: string, status: string) =>
          sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event, payload, status) VALUES (${id}, ${webhook}, 't', 'entry.approved', ${payload}::text::jsonb, ${status})`
        yield* deliver("d1", "w", "pending")
        yield* deliver("d2", "w", "delivered")
        yield* deliver("d3", "w", "failed")
        yield* deliver("d4", "x", "pending")
        yield* deliver("d5", "gone", "pending")
        yield* deliver("d6", "w", "pending")
        yield* deliver("d7", "w", "delivering")
        yield* sql`UPDATE webhook_deliveries SET "nextAttemptAt" = now() + interval '2 hours' WHERE id = 'd6'`
        yield* sql`UPDATE webhook_deliveries SET "leaseUntil" = now() + interval '2 hours' WHERE id = 'd7'`
        yield* go("deliveries")
        yield* pass("1 minute")
        const jobs = Effect.promise(() => deliveries.getJobs(["wait"], 0, -1, true))
        assert.lengthOf(yield* jobs, 0)
        for (let minute = 0; minute < 3; minute++) {
          yield* go("deliveries")
          yield* pass("1 minute")
        }
        assert.deepStrictEqual((yield* jobs).map(({ data }) => data), [{
          webhookId: "w",
          webhookDeliveryId: "d1",
          tenantId: "t",
          event: "entry.approved",
          url: "https://example.com/",
          secret: null,
          payload: JSON.parse(payload)
        }])
        for (const { id } of yield* jobs) yield* Effect.promise(() => deliveries.remove(id ?? ""))
        yield* pass("10 minutes")
        assert.deepStrictEqual((yield* go("deliveries"))?.lost, new Map([["t", 1]]))
        assert.lengthOf(yield* jobs, 1)
      }))
  })
