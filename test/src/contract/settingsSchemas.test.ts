import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import { createRequire } from "node:module"

const require = createRequire(import.meta.url)

/** As an API finds it, by the package's name. */
const published = (name: string): object => require(`tt-worker/contract/${name}.schema.json`)

describe("the JSON Schemas of the settings that the worker reads", () => {
  it.each([
    ["email-settings", { email: "a@firm.example", host: "imap.firm.example", password: "secret" }, { email: "a@firm.example", host: 7 }],
    ["automations", [{ id: "a", name: "A", schedule: { cron: "0 18 * * 1-5", timeZone: "Europe/Paris" }, do: { type: "submit-pending", in: "this-week" } }], [{ id: 7 }]]
  ])("are published: %s takes what fits, and nothing else", (name, good, bad) => {
    const validate = new Ajv2020({ strict: false }).compile(published(name))
    assert.isTrue(validate(good), JSON.stringify(validate.errors))
    assert.isFalse(validate(bad))
  })
})
