import { Schema } from "effect"
import { EmailSettings } from "../src/domain/mailbox/emailSettings.ts"

/** docs/email-settings.schema.json: what an API may write into `tenants."emailSettings"`. */
export const emailSettingsSchema = (): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(EmailSettings)
  return `${JSON.stringify({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "tenants.emailSettings",
    description: "One mailbox or a list. Each needs a password or oauth2. What the fields mean: email-sync.md",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }, null, 2)}\n`
}
