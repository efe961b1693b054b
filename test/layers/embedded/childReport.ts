import { Schema } from "effect"

/** The line that `supervisorChild.ts` writes. */
export const ChildReport = Schema.Union([
  Schema.TaggedStruct("Ready", {
    url: Schema.String,
    dataDir: Schema.String,
    notes: Schema.Array(Schema.String),
    ownership: Schema.Literals(["owner", "guest"])
  }),
  Schema.TaggedStruct("Refused", { reason: Schema.String, message: Schema.String })
])
