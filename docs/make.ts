import { readFileSync, writeFileSync } from "node:fs"
import { automationJsonSchema } from "./automationSchema.ts"
import { withConfigurationTable } from "./configuration.ts"

const readme = new URL("../README.md", import.meta.url)
writeFileSync(readme, withConfigurationTable(readFileSync(readme, "utf8")))
writeFileSync(new URL("../src/contract/automations.schema.json", import.meta.url), automationJsonSchema())
