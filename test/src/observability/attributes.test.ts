import * as stable from "@opentelemetry/semantic-conventions"
import * as incubating from "@opentelemetry/semantic-conventions/incubating"
import { describe, expect, it } from "vitest"
import { attributes } from "../../../src/observability/attributes.ts"
import { safeAttribute } from "../../../src/observability/safeAttribute.ts"

const conventions: ReadonlySet<unknown> = new Set(Object.entries({ ...incubating, ...stable }).filter(([name]) => name.startsWith("ATTR_")).map(([, value]) => value))

describe("the attributes of spans", () => {
  it("are named as OpenTelemetry's semantic conventions name them, or begin with tt.", () => {
    const keys = Object.values(attributes)
    expect(keys.filter((key) => !key.startsWith("tt.") && !conventions.has(key))).toEqual([])
    expect(keys.filter((key) => key.startsWith("tt.") && conventions.has(key))).toEqual([])
    expect(new Set(keys).size).toBe(keys.length)
  })

  it("are all that leaves the process, and an address leaves it without path, query and user", () => {
    expect(safeAttribute("http.request.header.authorization", "Bearer x")).toBeNull()
    expect(safeAttribute("url.query", "token=x")).toBeNull()
    expect(safeAttribute("url.full", "https://user:pass@hooks.example.org:8443/services/T0/SECRET?token=x#y")).toEqual({ key: "url.full", value: "https://hooks.example.org:8443" })
    expect(safeAttribute("url.full", "no address at all")).toBeNull()
    expect(safeAttribute("gen_ai.usage.input_tokens", 12)).toEqual({ key: "gen_ai.usage.input_tokens", value: 12 })
  })
})
