import { Schema } from "effect"

/** An instant in UTC with milliseconds, as it stands in JSON. */
export const Timestamp = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)).annotate({
  description: "ISO 8601, UTC",
  examples: ["2026-03-29T09:41:12.345Z"]
})

/** A decimal string, never a float. */
export const Amount = Schema.String.check(Schema.isPattern(/^-?\d+\.\d{2}$/)).annotate({ examples: ["1200.00"] })

/** A day, as text. */
export const Day = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/)).annotate({ examples: ["2026-03-29"] })

export const text = (description: string) => Schema.String.annotate({ description })
export const textOrNull = (description: string) => Schema.NullOr(Schema.String).annotate({ description })

/** What receivers get of an event: the shape that Standard Webhooks 1.0 recommends. */
export const eventOf = <const Name extends string, const Fields extends Schema.Struct.Fields>(type: Name, data: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), timestamp: Timestamp, data: Schema.Struct({ tenantId: text("the firm"), ...data }) })
