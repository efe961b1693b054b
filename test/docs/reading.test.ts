import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readingSchema } from "../../docs/reading.ts"
import { groundNames } from "../../src/reading/grounds.ts"

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
const page = text("docs/reading.md")

/** The codes of all reasons that the sources can give. */
const codes = ["src/reading", "src/pipeline", "src/paid"].flatMap((folder) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url)).filter((name) => name.endsWith(".ts"))
    .flatMap((name) => [...text(`${folder}/${name}`).matchAll(/(?:warning\(|\bcode: )"([a-z]+(?:-[a-z]+)*)"/g)].flatMap((match) => match[1] ?? [])))

describe("the page about reading", () => {
  it("has every reason that a document can be flagged with", () => {
    expect(codes.length).toBeGreaterThan(15)
    expect([...new Set(codes)].filter((code) => !page.includes(`\`${code}\``)).filter((code) => code !== "no-text-found")).toEqual([])
  })
  it("has every ground", () => {
    expect(groundNames.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
  it("publishes the schema that is stored by (npm run docs)", () => {
    expect(text("docs/reading.schema.json")).toBe(readingSchema())
  })
})
