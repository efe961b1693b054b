import { assert, describe, expect, it as plain, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { readFileSync } from "node:fs"
import { automationJsonSchema } from "../../docs/automationSchema.ts"
import * as Actions from "../../src/domain/automation/Action.ts"
import { Automation, readAutomations } from "../../src/domain/automation/Automation.ts"
import * as ConditionsModule from "../../src/domain/automation/Condition.ts"
import { examples } from "../../src/domain/automation/examples.ts"
import { deliveriesOf, entriesOf, makeRun, newEntry, newUser, ownAutomations, runJob, spans, subscribe } from "../support/automationTables.ts"

const page = readFileSync(new URL("../../docs/automations.md", import.meta.url), "utf8")
const onPage: ReadonlyArray<unknown> = [...page.matchAll(/```json automation\n(.*?)```/gs)].map(([, text = ""]) => JSON.parse(text))
const byId = new Map(readAutomations(onPage).map((read) => [read.id, read]))

const schemas: Readonly<Record<string, unknown>> = { ...Actions, ...ConditionsModule, Automation }

describe("the published JSON Schema of automations", () => {
  plain("is the one that the worker decodes by; `npm run docs` writes it", () => {
    expect(readFileSync(new URL("../../src/contract/automations.schema.json", import.meta.url), "utf8")).toBe(automationJsonSchema())
  })

  plain("has an example of every action and condition, and each is accepted", () => {
    const { $defs } = JSON.parse(automationJsonSchema())
    expect(Object.keys(examples).toSorted()).toEqual(Object.keys($defs).toSorted())
    const refused = Object.entries(examples).filter(([name, example]) => {
      const schema = schemas[name]
      return !Schema.isSchema(schema) || !Schema.is(schema)(example)
    })
    expect(refused).toEqual([])
  })
})

layer(ownAutomations, { excludeTestServices: true })("the ready automations of docs/automations.md", (it) => {
  const worker = (id: string, features: Readonly<Record<string, boolean>> = {}) => newUser({ automations: onPage, country: "FR", features }).pipe(
    Effect.map((user) => ({ user, run: (at: string) => Effect.flatMap(makeRun(user, id, at), (data) => runJob(data)) }))
  )
  const done = `"outcome":"done"`

  plain("are all taken over", () => {
    expect([...byId.values()].map(({ _tag, id }) => [id, _tag])).toEqual(
      ["standard-day", "forgotten-clock", "friday-reminder", "copy-week", "hand-over", "invoices-waiting"].map((id) => [id, "Good"])
    )
  })

  it.effect("standard-day: a week with a holiday, and a day that somebody has logged", () =>
    Effect.gen(function*() {
      const { run, user } = yield* worker("standard-day")
      yield* newEntry(user, "2026-07-15T06:00:00Z", "2026-07-15T10:00:00Z")
      for (const day of [13, 14, 15, 16, 17]) yield* run(`2026-07-${day}T16:00:00Z`)
      assert.deepStrictEqual(spans((yield* entriesOf(user)).filter(({ source }) => source === "automation")), [13, 16, 17].map((day) => `2026-07-${day}T06:00Z 2026-07-${day}T14:30Z`))
    }))

  it.effect("forgotten-clock: out as of six, and only where there is a punch clock", () =>
    Effect.gen(function*() {
      for (const [features, end] of [[{ punchClock: true }, "2026-06-09T16:00Z"], [{}, null]] as const) {
        const { run, user } = yield* worker("forgotten-clock", features)
        yield* newEntry(user, "2026-06-09T05:58:00Z", null)
        yield* run("2026-06-09T20:00:00Z")
        assert.strictEqual((yield* entriesOf(user))[0]?.end, end)
      }
    }))

  it.effect("friday-reminder: says which days are missing, and nothing when none is", () =>
    Effect.gen(function*() {
      const { run, user } = yield* worker("friday-reminder")
      yield* subscribe(user, "entry.missing")
      for (const day of ["08", "09", "11"]) yield* newEntry(user, `2026-06-${day}T06:00:00Z`, `2026-06-${day}T14:00:00Z`)
      yield* run("2026-06-12T13:00:00Z")
      assert.deepInclude((yield* deliveriesOf(user))[0]?.payload["data"], { dates: ["2026-06-10", "2026-06-12"] })
      for (const day of [15, 16, 17, 18, 19]) yield* newEntry(user, `2026-06-${day}T06:00:00Z`, `2026-06-${day}T14:00:00Z`)
      yield* run("2026-06-19T13:00:00Z")
      assert.lengthOf(yield* deliveriesOf(user), 1)
    }))

  it.effect("copy-week and hand-over: drafts on Monday, handed over on Friday", () =>
    Effect.gen(function*() {
      const { run, user } = yield* worker("copy-week")
      yield* newEntry(user, "2026-06-02T06:00:00Z", "2026-06-02T14:00:00Z", { note: "Roof" })
      assert.include(JSON.stringify(yield* run("2026-06-08T03:00:00Z")), done)
      const draft = (yield* entriesOf(user)).at(-1)
      assert.deepInclude(draft, { start: "2026-06-09T06:00Z", status: "draft", note: "Roof" })
      assert.include(JSON.stringify(yield* runJob(yield* makeRun(user, "hand-over", "2026-06-12T17:00:00Z"))), done)
      assert.strictEqual((yield* entriesOf(user)).at(-1)?.status, "pending")
    }))

  it.effect("invoices-waiting: tells of invoices that nobody has looked at for more than three days", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { run, user } = yield* worker("invoices-waiting", { invoices: true })
      yield* subscribe(user, "invoice.review-pending")
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status, "createdAt") VALUES (${`w-${user.tenantId}`}, ${user.tenantId}, 'k', 'processed', '2026-06-05T10:00:00')`
      yield* run("2026-06-08T06:30:00Z")
      assert.isEmpty(yield* deliveriesOf(user))
      yield* run("2026-06-09T06:30:00Z")
      assert.deepInclude((yield* deliveriesOf(user))[0]?.payload["data"], { count: 1, longerThanDays: 3 })
    }))
})
