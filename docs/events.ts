import { Schema } from "effect"
import { type CataloguedEvent, eventCatalogue } from "../src/domain/events/catalogue.ts"

const schemaOf = ({ schema }: CataloguedEvent): Record<string, unknown> => {
  const document = Schema.toJsonSchemaDocument(schema)
  const definitions = Object.keys(document.definitions).length === 0 ? {} : { $defs: document.definitions }
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...document.schema, ...definitions }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** docs/events.json: for each event its JSON Schema, who emits it, when, and an example. */
export const eventsJson = (): string =>
  `${json(Object.fromEntries(Object.entries(eventCatalogue).map(([name, event]) => [name, { by: event.by, when: event.when, schema: schemaOf(event), example: event.example }])))}\n`

const chapter = ([name, { by, example, when }]: readonly [string, CataloguedEvent]): string =>
  [`## \`${name}\``, "", `By the ${by}, when ${when}.`, "", "```json", json(example), "```"].join("\n")

/** docs/events.md, for people. */
export const eventsMarkdown = (): string =>
  [
    "# Events",
    "",
    "<!-- written by `npm run docs` from src/domain/events -->",
    "",
    "What a webhook can subscribe to: an event by its name, all of a kind as `entry.*`, everything as `*`. The JSON Schema (draft",
    "2020-12) of each body is in [events.json](events.json). The worker's own events have the shape that Standard Webhooks",
    "recommends, `{ type, timestamp, data }`; new fields may come, none goes. What the API emits is the API's: its fields are",
    "listed as far as this project knows them, and any other name and body are delivered as well. The order of the keys is the",
    "emitter's, and the same for every attempt.",
    "",
    ...Object.entries(eventCatalogue).map((entry) => `${chapter(entry)}\n`)
  ].join("\n")
