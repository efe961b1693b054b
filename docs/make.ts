import { readFileSync, writeFileSync } from "node:fs"
import { automationJsonSchema } from "./automationSchema.ts"
import { withConfigurationTable } from "./configuration.ts"
import { environmentExample } from "./environmentExample.ts"

const readme = new URL("../README.md", import.meta.url)
writeFileSync(readme, withConfigurationTable(readFileSync(readme, "utf8")))
writeFileSync(new URL("../src/contract/automations.schema.json", import.meta.url), automationJsonSchema())
writeFileSync(new URL("../.env.example", import.meta.url), environmentExample())
