import { Console, Data, Effect, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { type JobDataByQueue, QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { AutomationJob, EmailSyncJob, InvoiceProcessingJob, WebhookDeliveryJob } from "../../src/contract/jobSchemas.ts"
import { describeSchemaError } from "../../src/domain/describeSchemaError.ts"
import { JobProducer } from "../../src/services/JobProducer.ts"

export class JobRefused extends Data.TaggedError("JobRefused")<{ readonly queue: string; readonly problems: string }> {
  override get message(): string {
    return `nothing was enqueued: the job's data does not fit queue ${this.queue}: ${this.problems}`
  }
}

const adder = <Q extends QueueName>(queue: Q, schema: Schema.Codec<JobDataByQueue[Q], JobDataByQueue[Q]>) => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema), { errors: "all" })
  return (json: string) =>
    Effect.gen(function*() {
      const data = yield* decode(json).pipe(
        Effect.mapError((error) => new JobRefused({ queue, problems: describeSchemaError(error) }))
      )
      const producer = yield* JobProducer
      const jobId = yield* producer.add(queue, data)
      yield* Console.log(`${queue} job ${jobId} was added`)
    })
}

const adders = {
  "invoice-processing": adder("invoice-processing", InvoiceProcessingJob),
  "email-sync": adder("email-sync", EmailSyncJob),
  "automation": adder("automation", AutomationJob),
  "webhook-delivery": adder("webhook-delivery", WebhookDeliveryJob)
}

/** `enqueue QUEUE JSON`: adds one job, validated against the queue's schema. */
export const enqueue = Command.make(
  "enqueue",
  {
    queue: Argument.Literals("queue", Object.values(QUEUE_NAMES)).pipe(Argument.withDescription("The queue's name")),
    json: Argument.String("json").pipe(Argument.withDescription("The job's data as JSON"))
  },
  ({ json, queue }) => adders[queue](json)
).pipe(
  Command.withDescription("Add a job to a queue, after checking its data"),
  Command.withExamples([{
    command: `tt-worker enqueue invoice-processing '{"tenantId":"t1","invoiceId":"i1"}'`,
    description: "Have an uploaded invoice read"
  }])
)
