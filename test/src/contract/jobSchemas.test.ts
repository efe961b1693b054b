import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { QUEUE_NAMES, type QueueName } from "../../../src/contract/index.ts"
import { jobSchemas } from "../../../src/contract/jobSchemas.ts"
import { describeSchemaError } from "../../../src/domain/describeSchemaError.ts"

const decoders = {
  "invoice-processing": Schema.decodeUnknownResult(jobSchemas["invoice-processing"], { errors: "all" }),
  "email-sync": Schema.decodeUnknownResult(jobSchemas["email-sync"], { errors: "all" }),
  "automation": Schema.decodeUnknownResult(jobSchemas.automation, { errors: "all" }),
  "webhook-delivery": Schema.decodeUnknownResult(jobSchemas["webhook-delivery"], { errors: "all" })
}

const decode = (queue: QueueName, data: unknown): unknown => Result.getOrThrow(decoders[queue](data))
const refusal = (queue: QueueName, data: unknown): string =>
  Result.match(Result.mapError(decoders[queue](data), (error) => new Schema.SchemaError(error.issue)), {
    onSuccess: () => "accepted",
    onFailure: describeSchemaError
  })

const RecordedJobs = Schema.fromJsonString(Schema.Array(Schema.Struct({
  queue: Schema.Literals(Object.values(QUEUE_NAMES)),
  data: Schema.Unknown
})))
const folder = new URL("recorded/", import.meta.url)
const recorded = readdirSync(folder).map((file) => ({
  version: file.replace(/\.json$/, ""),
  jobs: Schema.decodeUnknownSync(RecordedJobs)(readFileSync(new URL(file, folder), "utf8"))
}))

describe("job data", () => {
  it("was recorded for every queue", () => {
    assert.sameMembers(Array.from(new Set(recorded.flatMap(({ jobs }) => jobs.map(({ queue }) => queue)))), Object.values(QUEUE_NAMES))
  })

  it.each(recorded)("of $version still decodes, with nothing lost", ({ jobs }) => {
    for (const { data, queue } of jobs) assert.deepStrictEqual(decode(queue, data), data)
  })

  it("may have more keys than this worker knows", () => {
    assert.deepStrictEqual(
      decode("invoice-processing", { invoiceId: "i", tenantId: "t", priority: "high", v: 3 }),
      { invoiceId: "i", tenantId: "t" }
    )
  })

  it("keeps every key of a webhook's payload", () => {
    const data = { webhookId: "w", webhookDeliveryId: "d", tenantId: "t", event: "e", url: "https://x.example", secret: null, payload: { a: { b: [1] }, c: null } }
    assert.deepStrictEqual(decode("webhook-delivery", data), data)
  })

  const faults: ReadonlyArray<readonly [QueueName, unknown, ReadonlyArray<string>]> = [
    ["invoice-processing", {}, ["invoiceId", "tenantId"]],
    ["invoice-processing", { invoiceId: 4711, tenantId: ["cafe-4711"] }, ["invoiceId", "tenantId"]],
    ["invoice-processing", { invoiceId: "cafe 4711", tenantId: "" }, ["invoiceId", "tenantId"]],
    ["invoice-processing", { invoiceId: "cafe\u00004711", tenantId: "cafe4711".repeat(26) }, ["invoiceId", "tenantId"]],
    ["invoice-processing", { invoiceId: "i", tenantId: "t", generation: 4711.5 }, ["generation"]],
    ["invoice-processing", { invoiceId: "i", tenantId: "t", generation: 0 }, ["generation"]],
    ["invoice-processing", { invoiceId: "i", tenantId: "t", generation: "4711" }, ["generation"]],
    ["invoice-processing", "cafe4711", ["the whole"]],
    ["invoice-processing", null, ["the whole"]],
    ["invoice-processing", undefined, ["the whole"]],
    ["email-sync", { tenantId: null }, ["tenantId"]],
    ["email-sync", ["cafe4711"], ["the whole"]],
    ["automation", { tenantId: "t", tenantUserId: { cafe: 4711 } }, ["tenantUserId"]],
    ["automation", { tenantUserId: 4711 }, ["tenantId", "tenantUserId"]],
    ["webhook-delivery", {}, ["webhookId", "webhookDeliveryId", "tenantId", "event", "url", "secret", "payload"]],
    [
      "webhook-delivery",
      { webhookId: 4711, webhookDeliveryId: "cafe 4711", tenantId: true, event: "", url: "", secret: 4711, payload: "cafe4711" },
      ["webhookId", "webhookDeliveryId", "tenantId", "event", "url", "secret", "payload"]
    ],
    ["webhook-delivery", { webhookId: "w", webhookDeliveryId: "d", tenantId: "t", event: "e", url: "u", secret: "s", payload: ["cafe4711"] }, ["payload"]]
  ]

  it.each(faults)("of the wrong shape for %s (%j) is refused by naming every field and repeating no value", (queue, data, fields) => {
    const said = refusal(queue, data)
    assert.deepStrictEqual(Array.from(new Set(said.split("; ").map((problem) => problem.split(":")[0]))), [...fields])
    assert.notMatch(said, /cafe|4711/)
  })
})
