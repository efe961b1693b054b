import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { fillTemplate, PayloadTemplate, type PlaceholderValues } from "../../../../src/domain/automation/PayloadTemplate.ts"

const values: PlaceholderValues = {
  "tenant.id": "t",
  "user.id": "u",
  "user.name": "Ada {{tenant.id}} \"<b>\" $&",
  "automation.id": "a",
  "automation.name": "A",
  "occurrence.at": "2026-06-09T16:00:00.000Z",
  "occurrence.date": "2026-06-09",
  "occurrence.weekday": 2,
  "occurrence.missed": 0
}
const accepts = (template: unknown) => Schema.is(PayloadTemplate)(template)

describe("a payload template", () => {
  it("has its placeholders filled in, at any depth; one alone keeps its type", () => {
    expect(fillTemplate({ a: "{{occurrence.weekday}}", b: ["on {{ occurrence.date }}!", 7, null, true], c: { d: "{{user.id}}/{{tenant.id}}" } }, values))
      .toEqual({ a: 2, b: ["on 2026-06-09!", 7, null, true], c: { d: "u/t" } })
  })

  it("takes values as they are: what comes in by one is not filled in, nor has it any power", () => {
    expect(fillTemplate({ a: "{{user.name}}", b: "by {{user.name}}" }, values)).toEqual({ a: values["user.name"], b: `by ${values["user.name"]}` })
    const odd = fillTemplate(JSON.parse(`{"__proto__": {"polluted": "{{user.id}}"}, "constructor": "x"}`), values)
    expect(Object.hasOwn(odd, "__proto__")).toBe(true)
    expect("polluted" in {}).toBe(false)
  })

  it("is empty where a value is not known", () => {
    expect(fillTemplate({ a: "{{user.name}}", b: "by {{user.name}}" }, { ...values, "user.name": null })).toEqual({ a: null, b: "by " })
  })

  it("may name nothing but what there is, nor be too deep or too long", () => {
    expect(accepts({ a: "{{user.name}} {{ user.id }}" })).toBe(true)
    for (const text of ["{{user.password}}", "{{__proto__}}", "{{toString}}", "{{user.name | x}}", "{{}}"]) expect(accepts({ a: [text] })).toBe(false)
    expect(accepts(Array.from({ length: 9 }).reduce<unknown>((inner) => ({ inner }), 1))).toBe(false)
    expect(accepts({ a: "x".repeat(20_000) })).toBe(false)
    expect(accepts(["no object"])).toBe(false)
  })
})
