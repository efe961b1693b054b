import { Schema } from "effect"

/** An instant in UTC with milliseconds, as it stands in JSON. */
export const Timestamp = Schema.String.annotate({ description: "ISO 8601, UTC" }).check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u))

/** A decimal string, never a float. */
export const Amount = Schema.String.annotate({ description: "decimal, such as 1200.00" }).check(Schema.isPattern(/^-?\d+\.\d{2}$/u))

/** A day, as text. */
export const Day = Schema.String.annotate({ description: "YYYY-MM-DD" }).check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/u))

export const text = (description: string) => Schema.String.annotate({ description })
export const textOrNull = (description: string) => Schema.NullOr(Schema.String).annotate({ description })

/** What receivers get of an event: the shape that Standard Webhooks 1.0 recommends. */
export const eventOf = <const Name extends string, const Fields extends Schema.Struct.Fields>(type: Name, data: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), timestamp: Timestamp, data: Schema.Struct({ tenantId: text("the firm"), ...data }) })
