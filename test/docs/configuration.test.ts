import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { configurationTable, withConfigurationTable } from "../../docs/configuration.ts"
import { variables } from "../../src/config/variables.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")

describe("the README's configuration table", () => {
  it("is the one that the program's own descriptions give; `npm run docs` writes it", () => {
    expect(withConfigurationTable(readme)).toBe(readme)
    expect(readme).toContain(configurationTable())
  })

  it("names every variable", () => {
    for (const { description } of Object.values(variables)) expect(readme).toContain(`\`${description.name}\``)
  })
})
