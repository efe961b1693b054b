import { Effect, Layer } from "effect"
import { layer as limitsLayer } from "../../layers/limits/SharedLimits.ts"
import { memoryStores } from "../../layers/limits/memoryStores.ts"
import { Bulkhead } from "../../programs/webhook-delivery/Bulkhead.ts"
import { WebhookDelivery } from "../../programs/webhook-delivery/WebhookDelivery.ts"
import type { WebhookDeliveryJobData } from "../../src/contract/index.ts"
import { defaultBackoff } from "../../src/domain/Backoff.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { runAttempt } from "../../src/supervisor/attempt.ts"

/** What the program needs beside its tables and the sender, in this process alone. */
export const programServices = (places = 20) => Layer.merge(Bulkhead.layer(places), limitsLayer.pipe(Layer.provide(memoryStores)))

export const jobAttempt = (data: WebhookDeliveryJobData, changes: Partial<JobAttempt> = {}): JobAttempt => ({
  queue: "webhook-delivery",
  jobId: `job-${data.webhookDeliveryId}`,
  jobName: "any",
  data,
  number: 1,
  maxAttempts: 1,
  backoff: defaultBackoff,
  addedAt: 0,
  traceparent: null,
  previousTrace: null,
  condemned: null,
  ...changes
})

const handle = runAttempt(WebhookDelivery)

/** One run of a job, as the consumer would have it. */
export const deliver = (data: WebhookDeliveryJobData, changes: Partial<JobAttempt> = {}) =>
  Effect.clockWith((clock) => Effect.flatMap(clock.currentTimeMillis, (now) => handle(jobAttempt(data, { addedAt: now, ...changes }))))
