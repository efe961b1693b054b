import { readFileSync, writeFileSync } from "node:fs"
import { withConfigurationTable } from "./configuration.ts"
import { eventsJson, eventsMarkdown } from "./events.ts"

const readme = new URL("../README.md", import.meta.url)
writeFileSync(readme, withConfigurationTable(readFileSync(readme, "utf8")))
writeFileSync(new URL("events.md", import.meta.url), eventsMarkdown())
writeFileSync(new URL("events.json", import.meta.url), eventsJson())
