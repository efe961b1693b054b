import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { eventsJson, eventsMarkdown } from "../../docs/events.ts"
import { eventCatalogue } from "../../src/domain/events/catalogue.ts"

const file = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8")

interface JsonSchema {
  readonly enum?: ReadonlyArray<string>
  readonly pattern?: string
  readonly required?: ReadonlyArray<string>
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

describe("the event catalogue", () => {
  it("is the one that the code gives; `npm run docs` writes it", () => {
    expect(file("events.md")).toBe(eventsMarkdown())
    expect(file("events.json")).toBe(eventsJson())
  })

  const catalogue: Record<string, { readonly by: string; readonly schema: JsonSchema }> = JSON.parse(eventsJson())
  const names = (by: string) => Object.keys(eventCatalogue).filter((name) => catalogue[name]?.by === by)

  it.each(names("worker"))("says exactly what is in the worker's %s", (name) => {
    const { properties, required } = catalogue[name]?.schema ?? {}
    expect(properties?.["type"]?.enum).toEqual([name])
    expect(required).toEqual(["type", "timestamp", "data"])
    expect(properties?.["timestamp"]?.pattern).toBeDefined()
    expect(properties?.["data"]?.required).toContain("tenantId")
  })

  it.each(names("API"))("leaves the API's %s open", (name) => {
    expect(catalogue[name]?.schema.required).toEqual(["id"])
  })
})
