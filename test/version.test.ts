import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { version } from "../src/version.ts"

const Package = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

it("the program says the same version as its package", () => {
  const own = Schema.decodeUnknownSync(Package)(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  assert.strictEqual(version, own.version)
})
