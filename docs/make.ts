import { readFileSync, writeFileSync } from "node:fs"
import { withConfigurationTable } from "./configuration.ts"

const readme = new URL("../README.md", import.meta.url)
writeFileSync(readme, withConfigurationTable(readFileSync(readme, "utf8")))
