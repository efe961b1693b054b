import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { emailSettingsSchema } from "../../docs/emailSettings.ts"

it("the published schema of the email settings is the one that is read by (npm run docs)", () => {
  expect(readFileSync(new URL("../../docs/email-settings.schema.json", import.meta.url), "utf8")).toBe(emailSettingsSchema())
})
