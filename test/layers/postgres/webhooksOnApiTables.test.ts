import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { query } from "../../../layers/embedded/connection.ts"
import { PostgresWebhookDeliveries } from "../../../layers/postgres/PostgresWebhookDeliveries.ts"
import { PostgresWebhooks } from "../../../layers/postgres/PostgresWebhooks.ts"
import { TenantId, WebhookId } from "../../../src/domain/ids.ts"
import { WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"
import { Webhooks } from "../../../src/services/Webhooks.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { tablesAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

layer(OwnPostgres.layer, { excludeTestServices: true })("webhooks on the API's own tables", (it) => {
  for (const schema of ["public", "app"]) {
    it.effect(`are delivered, recorded and switched off in schema ${schema}; a job of the former worker runs as it is`, () =>
      Effect.gen(function*() {
        const url = yield* OwnPostgres.use(({ makeDatabase }) => makeDatabase)
        yield* query(url, apiSchema(schema))
        yield* query(url, `INSERT INTO "${schema}".webhooks (id, "tenantId", url, events, "updatedAt") VALUES ('w', 't1', 'https://hooks.example/a', '{invoice.processed}', '2026-01-01');
          INSERT INTO "${schema}".webhook_deliveries (id, "webhookId", "tenantId", event, payload, "updatedAt") VALUES ('d', 'w', 't1', 'invoice.processed', '{"a": 1}', '2026-01-01')`)
        const tables = Layer.merge(PostgresWebhookDeliveries, PostgresWebhooks).pipe(Layer.provideMerge(tablesAt(Redacted.make(`${Redacted.value(url)}?schema=${schema}`))))
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const deliveries = yield* WebhookDeliveries
          const data = { webhookId: "w", webhookDeliveryId: "d", tenantId: "t1", event: "invoice.processed", url: "https://job.example/", secret: "from-the-job", payload: { b: 1, a: 2 } }
          const answer = yield* deliveries.claim({ data, jobId: "17", lease: Duration.seconds(30) })
          if (answer._tag !== "Claimed") return assert.fail(answer._tag)
          assert.strictEqual(Redacted.value(answer.delivery.url), "https://hooks.example/a", "the row's address wins")
          assert.deepStrictEqual(answer.delivery.secrets.map(Redacted.value), ["from-the-job"], "the row has no secret: the job's is used")
          assert.strictEqual(answer.delivery.body, "{\"b\":1,\"a\":2}")
          yield* deliveries.record(answer.delivery, {
            outcome: "failed",
            nextAfter: null,
            pauseEndpoint: null,
            errorClass: "http-410",
            errorMessage: "Gone.",
            traceId: null,
            exchange: {
              answer: { _tag: "Answered", status: 410 },
              timings: { dns: null, connect: null, tls: null, firstByte: null, total: 1 },
              address: null,
              requestHeaders: {},
              responseHeaders: {},
              excerpt: null,
              cut: false,
              retryAfter: null
            }
          })
          yield* Webhooks.use((webhooks) => webhooks.disable(TenantId.make("t1"), WebhookId.make("w"), "Gone."))
          const [row] = yield* sql`SELECT d.status, d."responseStatus", w.active, w."disabledReason" FROM webhook_deliveries d JOIN webhooks w ON w.id = d."webhookId"`
          assert.deepStrictEqual({ ...row }, { status: "failed", responseStatus: 410, active: false, disabledReason: "Gone." })
        }).pipe(Effect.provide(tables))
      }))
  }
})
