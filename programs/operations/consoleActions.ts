import { Duration, Effect, Option, Schema } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { InvoiceId, TenantId, WebhookDeliveryId } from "../../src/domain/ids.ts"
import type { Operator } from "../../src/domain/Operator.ts"
import { retryFailed } from "../../src/retrying/retryFailed.ts"
import { Invoices } from "../../src/services/Invoices.ts"
import { JobInspector } from "../../src/services/JobInspector.ts"
import { type ReplayFilter, WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import { ControlCommand, QueueControls } from "../../src/services/QueueControls.ts"
import { jsonAnswer } from "./guarded.ts"

const queue = Schema.Literals(Object.values(QUEUE_NAMES))
const isQueue = Schema.is(queue)

/** What the console can be asked to do: the body of `POST /api/actions`. */
const ConsoleAction = Schema.Union([
  Schema.TaggedStruct("pause", { queue }),
  Schema.TaggedStruct("drain", { queue }),
  Schema.TaggedStruct("resume", { queue }),
  Schema.TaggedStruct("concurrency", { queue, jobs: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))) }),
  Schema.TaggedStruct("pause-tenant", { tenantId: Schema.NonEmptyString, queue: Schema.NullOr(queue) }),
  Schema.TaggedStruct("resume-tenant", { tenantId: Schema.NonEmptyString, queue: Schema.NullOr(queue) }),
  Schema.TaggedStruct("reprocess", { tenantId: TenantId, invoiceId: InvoiceId }),
  /** null: all that have failed. */
  Schema.TaggedStruct("retry", { queue, jobId: Schema.NullOr(Schema.NonEmptyString) }),
  Schema.TaggedStruct("replay", { tenantId: TenantId, deliveryId: WebhookDeliveryId }),
  Schema.TaggedStruct("reveal", { queue, jobId: Schema.NonEmptyString })
])
type ConsoleAction = typeof ConsoleAction.Type
const decodeAction = Schema.decodeUnknownEffect(ConsoleAction)

const reprocess = Effect.fnUntraced(function*({ invoiceId, tenantId }: { readonly tenantId: TenantId; readonly invoiceId: InvoiceId }, by: string) {
  const invoices = yield* Invoices
  const answer = yield* invoices.requestReprocessing(tenantId, invoiceId)
  if (answer._tag === "NotFound") return jsonAnswer(404, { error: `Tenant ${tenantId} has no invoice ${invoiceId}.` })
  if (answer._tag === "BelongsToPeople") return jsonAnswer(409, { error: `Invoice ${invoiceId} is ${answer.status}: what people have decided is not read again.` })
  const controls = yield* QueueControls
  yield* controls.note({ by, action: "Reprocess", queue: QUEUE_NAMES.INVOICE_PROCESSING, tenantId, value: invoiceId })
  return jsonAnswer(200, { done: `Invoice ${invoiceId} is read again.` })
})

const retry = Effect.fnUntraced(function*({ jobId, queue }: { readonly queue: QueueName; readonly jobId: string | null }, by: string) {
  const answer = yield* retryFailed(queue, jobId, by)
  switch (answer._tag) {
    case "NotFound":
      return jsonAnswer(404, { error: `${queue} has no job ${jobId}.` })
    case "NotFailed":
      return jsonAnswer(409, { error: `Job ${jobId} of ${queue} is ${answer.state}: only a failed job is tried again.` })
    case "Retried":
      return jsonAnswer(200, { done: jobId === null ? `${answer.jobs} failed jobs of ${queue} are tried again.` : `Job ${jobId} of ${queue} is tried again.`, jobs: answer.jobs })
  }
})

const replay = Effect.fnUntraced(function*({ deliveryId, tenantId }: { readonly tenantId: TenantId; readonly deliveryId: WebhookDeliveryId }, by: string) {
  const deliveries = yield* WebhookDeliveries
  const filter: ReplayFilter = { tenantId, webhookId: null, deliveryIds: [deliveryId], statuses: null, event: null, since: null, until: null }
  const opened = yield* deliveries.replay(filter, { pace: { perSecond: 1, startAfter: Duration.zero }, limit: 1, dryRun: false })
  if (opened === 0) return jsonAnswer(404, { error: `Tenant ${tenantId} has no delivery ${deliveryId} that is over.` })
  const controls = yield* QueueControls
  yield* controls.note({ by, action: "Replay", queue: QUEUE_NAMES.WEBHOOK_DELIVERY, tenantId, value: deliveryId })
  return jsonAnswer(200, { done: `Delivery ${deliveryId} is sent again.` })
})

const reveal = Effect.fnUntraced(function*({ jobId, queue }: { readonly queue: QueueName; readonly jobId: string }, by: string) {
  const found = yield* JobInspector.use((inspector) => inspector.show(queue, jobId, { reveal: true }))
  if (Option.isNone(found)) return jsonAnswer(404, { error: `${queue} has no job ${jobId}.` })
  const controls = yield* QueueControls
  yield* controls.note({ by, action: "RevealJob", queue, tenantId: null, value: jobId })
  return jsonAnswer(200, { done: `The data of job ${jobId} are shown, on record.`, job: found.value })
})

/** One job, its data masked: `GET /api/jobs/<queue>/<id>`. */
export const lookAtJob = Effect.fnUntraced(function*({ url }: HttpServerRequest) {
  const [name = "", id = ""] = new URL(url, "http://console").pathname.split("/").slice(3).map(decodeURIComponent)
  const asked = isQueue(name) ? name : null
  const found = asked === null ? Option.none() : yield* JobInspector.use((inspector) => inspector.show(asked, id))
  return Option.match(found, { onNone: () => jsonAnswer(404, { error: `${name} has no job ${id}.` }), onSome: (job) => jsonAnswer(200, { job }) })
})

type Commanding = Exclude<ConsoleAction, { readonly _tag: "reprocess" | "retry" | "replay" | "reveal" }>

const command = (action: Commanding): readonly [ControlCommand, string] => {
  switch (action._tag) {
    case "pause":
      return [ControlCommand.Pause({ queue: action.queue }), `${action.queue} starts no more jobs.`]
    case "drain":
      return [ControlCommand.Drain({ queue: action.queue }), `${action.queue} runs empty.`]
    case "resume":
      return [ControlCommand.Resume({ queue: action.queue }), `${action.queue} goes on.`]
    case "concurrency":
      return [
        ControlCommand.SetConcurrency({ queue: action.queue, concurrency: action.jobs }),
        action.jobs === null ? `${action.queue} runs as many jobs at once as the environment says.` : `${action.queue} runs ${action.jobs} at once in each process.`
      ]
    case "pause-tenant":
      return [ControlCommand.PauseTenant({ tenantId: action.tenantId, queue: action.queue }), `The jobs of tenant ${action.tenantId} wait.`]
    case "resume-tenant":
      return [ControlCommand.ResumeTenant({ tenantId: action.tenantId, queue: action.queue }), `The jobs of tenant ${action.tenantId} go on.`]
  }
}

/** Does what was asked for, on record with who asked. */
export const consoleAction = (operator: Operator, request: HttpServerRequest) =>
  Effect.gen(function*() {
    const action = yield* request.json.pipe(Effect.flatMap(decodeAction), Effect.option)
    if (action._tag === "None") return jsonAnswer(400, { error: "This is nothing that the console can do." })
    const { value } = action
    switch (value._tag) {
      case "reprocess":
        return yield* reprocess(value, operator.name)
      case "retry":
        return yield* retry(value, operator.name)
      case "replay":
        return yield* replay(value, operator.name)
      case "reveal":
        return yield* reveal(value, operator.name)
    }
    const [change, words] = command(value)
    const controls = yield* QueueControls
    yield* controls.change(change, operator.name)
    return jsonAnswer(200, { done: words })
  })
