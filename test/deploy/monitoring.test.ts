import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { metrics } from "../../src/observability/metrics.ts"

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8")

interface Target {
  readonly expr: string
}
interface Dashboard {
  readonly panels: ReadonlyArray<{ readonly title: string; readonly targets: ReadonlyArray<Target> }>
}
interface Alerts {
  readonly groups: ReadonlyArray<{ readonly rules: ReadonlyArray<Target & { readonly alert: string; readonly annotations: Readonly<Record<string, string>> }> }>
}

const dashboard: Dashboard = JSON.parse(read("grafana/tt-worker.json"))
const alerts: Alerts = parse(read("prometheus/alerts.yml"))
const rules = alerts.groups.flatMap((group) => group.rules)
const expressions = [...dashboard.panels.flatMap(({ targets }) => targets), ...rules].map(({ expr }) => expr)

const known = new Map(Object.values(metrics).map((metric) => [metric.id, metric]))
const baseOf = (name: string) => known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "")
const used = expressions.flatMap((expr) => expr.match(/\btt_\w+/g) ?? [])

/** `{name="value"}` and `by (name)` of an expression, but those that Prometheus adds itself. */
const labelsIn = (expr: string) =>
  [...expr.matchAll(/(\w+)\s*=~?"/g), ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => [...(list ?? "").matchAll(/(\w+)/g)])]
    .map(([, name]) => name ?? "").filter((name) => !["le", "instance"].includes(name))

describe("the dashboard and the alert rules", () => {
  it("use only metrics that the worker has", () => {
    expect(used.length).toBeGreaterThan(20)
    expect(used.filter((name) => !known.has(baseOf(name)))).toEqual([])
  })

  it("ask only for labels that these metrics have", () => {
    const wrong = expressions.flatMap((expr) => {
      const described = (expr.match(/\btt_\w+/g) ?? []).map((name) => known.get(baseOf(name))?.description ?? "").join(" ")
      return labelsIn(expr).filter((label) => !new RegExp(`\\b${label}\\b`).test(described)).map((label) => `${label} in ${expr}`)
    })
    expect(wrong).toEqual([])
  })

  it("show every metric somewhere, or else it would be kept for nobody", () => {
    const shown = new Set(used.map(baseOf))
    expect([...known.keys()].filter((name) => !shown.has(name)).toSorted()).toEqual(["tt_child_running", "tt_jobs_started_total"])
  })

  it("tell in each alert what happened and what to do", () => {
    for (const { annotations } of rules) {
      expect(annotations["summary"]).toMatch(/\w/)
      expect(annotations["do"]).toMatch(/\w/)
    }
  })
})

describe("the metrics", () => {
  it("are named as Prometheus wants them, and say which labels they have", () => {
    for (const { description, id, type } of known.values()) {
      expect(id).toMatch(/^tt_[a-z_]+$/)
      expect(id.endsWith("_total")).toBe(type === "Counter")
      expect(description).toMatch(/\w/)
    }
  })

  it("have no label for a tenant, a job or an address", () => {
    for (const { description } of known.values()) expect(description).not.toMatch(/labels?[^;]*\b(tenant|job|url|host)\b/)
  })
})
