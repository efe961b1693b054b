import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { readFileSync } from "node:fs"
import { type KeptFor, retentionPeriods } from "../../src/domain/retentionPeriods.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const rows = new Map(readme.split("\n").flatMap((line) => {
  const [, name, , kept, batch] = line.split("|").map((cell) => cell.trim())
  return name === undefined || kept === undefined || batch === undefined ? [] : [[name.replaceAll("`", ""), { kept, batch }] as const]
}))

const inDays = ({ keep }: KeptFor): string => {
  const days = Duration.toDays(keep)
  return days === 0 ? "until they say nothing any more" : `${days} ${days === 1 ? "day" : "days"}`
}

describe("the README's table of what is kept", () => {
  it.each(Object.entries(retentionPeriods))("has %s as it is", (name, period) => {
    assert.strictEqual(rows.get(name)?.kept, inDays(period))
    assert.isTrue(rows.get(name)?.batch.startsWith(period.batch.toLocaleString("en")))
  })
})
