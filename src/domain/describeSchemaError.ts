import { type Schema, SchemaIssue } from "effect"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** "tenantId: expected string; payload.n: expected number": all that is wrong, without the values. */
export const describeSchemaError = (error: Schema.SchemaError): string =>
  format(error.issue).issues.map(({ message, path }) => {
    const place = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".")
    return `${place === "" ? "the whole" : place}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
  }).join("; ")
