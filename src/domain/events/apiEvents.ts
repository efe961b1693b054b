import { Schema } from "effect"
import { text, textOrNull } from "./eventShape.ts"

/**
 * Events that the API emits. The API decides what is in them; here is what this project knows of its rows. Everything
 * else passes as it is.
 */
const entryIn = (status: "approved" | "rejected") =>
  Schema.StructWithRest(
    Schema.Struct({
      id: text("the time entry"),
      tenantId: Schema.optionalKey(text("the firm")),
      tenantUserId: Schema.optionalKey(text("who worked")),
      projectId: Schema.optionalKey(textOrNull("the project")),
      taskId: Schema.optionalKey(textOrNull("the task")),
      startDate: Schema.optionalKey(text("ISO 8601, UTC")),
      endDate: Schema.optionalKey(textOrNull("ISO 8601, UTC")),
      status: Schema.optionalKey(Schema.Literal(status)),
      note: Schema.optionalKey(textOrNull("as written by the worker or the admin"))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

export const EntryApproved = entryIn("approved")
export const EntryRejected = entryIn("rejected")
