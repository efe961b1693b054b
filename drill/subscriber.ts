import { Effect, Schema, type Scope } from "effect"
import { tenants } from "../chaos/load/Producer.ts"
import type { World } from "../chaos/scenarios/World.ts"
import { receiver } from "../test/support/receiver.ts"

/** What a firm's endpoint has been told. */
export interface Told {
  /** By which a receiver knows that it has been told before (`webhook-id`). */
  readonly id: string
  readonly delivery: string
  /** What it is about: invoice, generation and event, where the event has them. */
  readonly about: string
  /** What it says, but for the time at which the worker came to it. */
  readonly words: string
}

export interface Subscriber {
  readonly told: () => ReadonlyArray<Told>
  /** For the workers: they may call this machine. */
  readonly env: Readonly<Record<string, string>>
}

const decodeBody = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  type: Schema.String,
  data: Schema.Struct({ invoiceId: Schema.String, generation: Schema.Number })
})))

/** An endpoint that every tenant has subscribed to the ends of its invoices. */
export const subscribe = (world: World): Effect.Effect<Subscriber, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { received, url } = yield* receiver()
    for (const tenant of tenants) {
      yield* world.database.tell(
        `INSERT INTO webhooks (id, "tenantId", url, events, "updatedAt") VALUES ($1, $2, $3, '{invoice.processed,invoice.error}', now()) ON CONFLICT DO NOTHING`,
        [`hook-${tenant}`, tenant, `${url}/${tenant}`]
      )
    }
    return {
      told: () =>
        received.map(({ body, headers }) => {
          const { data, type } = decodeBody(body)
          return {
            id: String(headers["webhook-id"]),
            delivery: String(headers["x-webhook-delivery"]),
            about: `${data.invoiceId}/${data.generation}/${type}`,
            words: body.replace(/"timestamp":"[^"]*"/, "")
          }
        }),
      env: { ALLOWED_PRIVATE_HOSTS: "127.0.0.1" }
    }
  })
