import { Predicate, Schema } from "effect"
import { Automation, mostAutomations } from "../src/domain/automation/Automation.ts"
import { examples } from "../src/domain/automation/examples.ts"

const AutomationList = Schema.Array(Automation).check(Schema.isMaxLength(mostAutomations))

const withExamples = (definitions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(definitions).map(([name, definition]) =>
    [name, Predicate.isObject(definition) && Object.hasOwn(examples, name) ? { ...definition, examples: [examples[name]] } : definition]))

/** JSON Schema (draft 2020-12) of `tenant_users.automations`, with every action and condition by name. */
export const automationJsonSchema = (): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(AutomationList)
  return `${JSON.stringify({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://tt-worker/contract/automations.schema.json",
    title: "tenant_users.automations",
    ...schema,
    $defs: withExamples(definitions)
  }, null, 2)}\n`
}
