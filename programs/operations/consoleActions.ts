import { Effect, Schema } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import type { Operator } from "../../src/domain/Operator.ts"
import { Invoices } from "../../src/services/Invoices.ts"
import { ControlCommand, QueueControls } from "../../src/services/QueueControls.ts"
import { jsonAnswer } from "./guarded.ts"

const queue = Schema.Literals(Object.values(QUEUE_NAMES))

/** What the console can be asked to do: the body of `POST /api/actions`. */
const ConsoleAction = Schema.Union([
  Schema.TaggedStruct("pause", { queue }),
  Schema.TaggedStruct("drain", { queue }),
  Schema.TaggedStruct("resume", { queue }),
  Schema.TaggedStruct("concurrency", { queue, jobs: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))) }),
  Schema.TaggedStruct("pause-tenant", { tenantId: Schema.NonEmptyString, queue: Schema.NullOr(queue) }),
  Schema.TaggedStruct("resume-tenant", { tenantId: Schema.NonEmptyString, queue: Schema.NullOr(queue) }),
  Schema.TaggedStruct("reprocess", { tenantId: TenantId, invoiceId: InvoiceId })
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

const command = (action: Exclude<ConsoleAction, { readonly _tag: "reprocess" }>): readonly [ControlCommand, string] => {
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
    if (action.value._tag === "reprocess") return yield* reprocess(action.value, operator.name)
    const [change, words] = command(action.value)
    const controls = yield* QueueControls
    yield* controls.change(change, operator.name)
    return jsonAnswer(200, { done: words })
  })
