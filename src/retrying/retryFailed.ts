import { Effect, Option, Schema } from "effect"
import { QUEUE_NAMES, type QueueName } from "../contract/index.ts"
import { TenantId, WebhookDeliveryId } from "../domain/ids.ts"
import { JobInspector } from "../services/JobInspector.ts"
import { QueueControls } from "../services/QueueControls.ts"
import { WebhookDeliveries } from "../services/WebhookDeliveries.ts"

const decodeDelivery = Schema.decodeUnknownOption(Schema.Struct({ tenantId: TenantId, webhookDeliveryId: WebhookDeliveryId }))

/**
 * The row of a job that is tried again, so that both stay in step. An invoice in `error` and a run that has failed are
 * taken up by their job as they are; a failed delivery counts as over, and its job would find nothing to do.
 */
const reopenRow = (queue: QueueName) => ({ data, id }: { readonly id: string; readonly data: unknown }) =>
  queue !== QUEUE_NAMES.WEBHOOK_DELIVERY
    ? Effect.void
    : Option.match(decodeDelivery(data), {
      onNone: () => Effect.void,
      onSome: ({ tenantId, webhookDeliveryId }) => WebhookDeliveries.use((deliveries) => deliveries.reopen({ tenantId, deliveryId: webhookDeliveryId }, id))
    })

/** Has a failed job, or all of a queue (null), tried again with all their attempts and their rows in step, on record with who wanted it. */
export const retryFailed = Effect.fnUntraced(function*(queue: QueueName, jobId: string | null, by: string) {
  const inspector = yield* JobInspector
  const controls = yield* QueueControls
  const answer = yield* inspector.retry(queue, jobId, reopenRow(queue))
  if (answer._tag === "Retried" && answer.jobs > 0) {
    yield* controls.note({ by, action: "RetryJob", queue, tenantId: null, value: jobId ?? `all that failed (${answer.jobs})` })
  }
  return answer
})
