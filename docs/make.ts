import { Effect, Layer } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import * as Postgres from "../layers/postgres/Postgres.ts"
import { databaseAt } from "../test/support/invoiceTables.ts"
import { OwnPostgres } from "../test/support/ownPostgres.ts"
import { automationJsonSchema } from "./automationSchema.ts"
import { withConfigurationTable } from "./configuration.ts"
import { emailSettingsSchema } from "./emailSettings.ts"
import { environmentExample } from "./environmentExample.ts"
import { eventsJson, eventsMarkdown } from "./events.ts"
import { withOperationsTables } from "./operationsTables.ts"
import { readingSchema } from "./reading.ts"
import { readSharedSchema, schemaMarkdown, sharedColumnsPrisma, sharedColumnsSql } from "./schema.ts"

const write = (name: string, text: string) => writeFileSync(new URL(name, import.meta.url), text)

/** An empty database, brought up to date. */
const migrated = Layer.unwrap(Effect.map(
  OwnPostgres.use(({ makeDatabase }) => makeDatabase),
  (url) => Postgres.layer({ database: databaseAt(url), migrate: true, waits: false })
))

const readme = new URL("../README.md", import.meta.url)
writeFileSync(readme, withConfigurationTable(readFileSync(readme, "utf8")))
write("../.env.example", environmentExample())
write("email-settings.schema.json", emailSettingsSchema())
write("../src/contract/automations.schema.json", automationJsonSchema())
write("operations.md", withOperationsTables(readFileSync(new URL("operations.md", import.meta.url), "utf8")))
write("reading.schema.json", readingSchema())
write("events.md", eventsMarkdown())
write("events.json", eventsJson())

const schema = await Effect.runPromise(readSharedSchema.pipe(Effect.provide(migrated), Effect.provide(OwnPostgres.layer)))
write("schema.md", schemaMarkdown(schema))
write("shared-columns.sql", sharedColumnsSql(schema))
write("shared-columns.prisma", sharedColumnsPrisma(schema))
