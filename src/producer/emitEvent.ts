import { MAX_EVENT_BYTES } from "../contract/index.ts"
import { ProducerError } from "./ProducerError.ts"
import { queryRow, textIn, type Transaction } from "./Transaction.ts"
import { isId } from "./validateJobData.ts"

export interface EventToEmit {
  readonly tenantId: string
  /** Such as `entry.approved`: letters, digits, - and _, in parts separated by dots. */
  readonly event: string
  /** The body that receivers get, serialised here and sent byte for byte; or JSON text of your own making. */
  readonly payload: object | string
  /** The same key for the same event of the same tenant gives one delivery per webhook, however often it is emitted. */
  readonly idempotencyKey?: string
  /** Where a webhook wants order, its deliveries with the same key go one after the other. */
  readonly orderingKey?: string
  /** W3C trace context: the delivery becomes part of your trace. */
  readonly traceparent?: string
}

export interface EmittedEvent {
  /** Receivers get it as `webhook-id`. */
  readonly eventId: string
  /** Ids of `webhook_deliveries`, one for each active webhook of the tenant that subscribes to the event. */
  readonly deliveryIds: ReadonlyArray<string>
}

const serialise = ({ event, payload }: EventToEmit): string => {
  if (typeof payload === "string") return payload
  let text: string | undefined
  try {
    text = JSON.stringify(payload)
  } catch (error) {
    throw new ProducerError("payload-not-json", `the payload of event ${event} cannot be serialised: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (text === undefined || !text.startsWith("{")) throw new ProducerError("payload-not-json", `the payload of event ${event} must be a JSON object`)
  return text
}

/** Bytes in UTF-8. */
const bytesOf = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

const keyProblem = (name: string, key: string | undefined): string | null =>
  key === undefined || (key.length >= 1 && key.length <= 300) ? null : `${name} must have 1 to 300 characters`

/**
 * An event to the tenant's webhooks, as part of the transaction: after the commit its deliveries are in the queue at
 * once, or as soon as the queue is there again; after a rollback there is nothing.
 */
export const emitEvent = async (tx: Transaction, event: EventToEmit): Promise<EmittedEvent> => {
  const { event: name, idempotencyKey, orderingKey, tenantId, traceparent } = event
  const problem = !isId(tenantId)
    ? "tenantId must be an id of 1 to 200 characters without spaces"
    : typeof name !== "string" || name.length > 128 || !/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name)
    ? "event must be a name such as entry.approved, of 128 characters at most"
    : keyProblem("idempotencyKey", idempotencyKey) ?? keyProblem("orderingKey", orderingKey)
  if (problem !== null) throw new ProducerError("argument-invalid", `this event cannot be emitted: ${problem}`)
  const text = serialise(event)
  const bytes = bytesOf(text)
  if (bytes > MAX_EVENT_BYTES) {
    throw new ProducerError("payload-too-large", `the payload of event ${name} has ${bytes} bytes; ${MAX_EVENT_BYTES} is the most. Send an id by which the receiver can fetch the rest`)
  }
  const row = await queryRow(
    tx,
    `SELECT "eventId", array_to_string("deliveryIds", ',') AS "deliveryIds"
      FROM tt_worker.emit_event($1::text, $2::text, $3::text, $4::text, $5::text, $6::text)`,
    [tenantId, name, text, idempotencyKey ?? null, orderingKey ?? null, traceparent ?? null]
  )
  const deliveryIds = textIn(row, "deliveryIds")
  return { eventId: textIn(row, "eventId"), deliveryIds: deliveryIds === "" ? [] : deliveryIds.split(",") }
}
