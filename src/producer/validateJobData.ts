import { type JobDataByQueue, QUEUE_NAMES, type QueueName } from "../contract/index.ts"

type Check = (value: unknown) => string | null

/** An id of the API's making; white space and control characters are somebody's mistake. */
export const isId = (value: unknown): value is string => typeof value === "string" && /^[^\s\p{Cc}]{1,200}$/u.test(value)

const id: Check = (value) => isId(value) ? null : "must be an id of 1 to 200 characters without spaces"
const filled: Check = (value) => typeof value === "string" && value !== "" ? null : "must be a text that is not empty"
const record: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? null : "must be an object"
const textOrNull: Check = (value) => value === null || typeof value === "string" ? null : "must be a text or null"
const generation: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1 ? null : "must be a whole number from 1"
const optional = (check: Check): Check => (value) => value === undefined ? null : check(value)

const checks: { readonly [Q in QueueName]: { readonly [K in keyof Required<JobDataByQueue[Q]>]: Check } } = {
  "invoice-processing": { invoiceId: id, tenantId: id, generation: optional(generation) },
  "email-sync": { tenantId: id },
  "automation": { tenantId: id, tenantUserId: id, automation: optional(id) },
  "webhook-delivery": { webhookId: id, webhookDeliveryId: id, tenantId: id, event: filled, url: filled, secret: textOrNull, payload: record }
}

const isQueue = (queue: string): queue is QueueName => Object.values<string>(QUEUE_NAMES).includes(queue)

/** What is wrong with the data of a job for this queue, field by field; empty when nothing is. */
export const validateJobData = (queue: string, data: unknown): ReadonlyArray<string> => {
  if (!isQueue(queue)) return [`there is no queue ${queue}`]
  if (typeof data !== "object" || data === null || Array.isArray(data)) return ["the data must be an object"]
  const fields: Record<string, Check> = checks[queue]
  const given = new Map<string, unknown>(Object.entries(data))
  return Object.entries(fields).flatMap(([name, check]) => {
    const problem = check(given.get(name))
    return problem === null ? [] : [`${name} ${problem}`]
  })
}
