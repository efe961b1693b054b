import { Schema } from "effect"
import { Evidence, Warning } from "../src/domain/Reading.ts"

/** docs/reading.schema.json: what stands in `invoices.evidence` and `invoices.warnings`. */
export const readingSchema = (): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(Schema.Struct({ evidence: Evidence, warnings: Schema.Array(Warning) }))
  return `${JSON.stringify({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "invoices.evidence and invoices.warnings",
    description: "What the worker knows about the fields of an invoice beside their values: reading.md",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }, null, 2)}\n`
}
