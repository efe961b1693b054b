import { Schema, SchemaTransformation } from "effect"
import { QUEUE_NAMES, type QueueName } from "../contract/index.ts"

export const everyQueue: ReadonlyArray<QueueName> = Object.values(QUEUE_NAMES)

/** Names of queues as people write them: "webhook-delivery, email-sync". */
export const QueuesText = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String),
    SchemaTransformation.transform({
      decode: (text: string): ReadonlyArray<string> => text.split(",").map((name) => name.trim()).filter((name) => name !== ""),
      encode: (names: ReadonlyArray<string>) => names.join(",")
    })
  ),
  Schema.decodeTo(Schema.Array(Schema.Literals(everyQueue)).check(Schema.isMinLength(1)))
)
