import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { vi } from "vitest"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { deliveriesOf, entriesOf, makeRun, newEntry, newUser, overviewOf, ownAutomations, runJob, setAutomations, spans, subscribe } from "../../support/automationTables.ts"
import { applyChanges } from "../../../programs/automation/followConfigs.ts"

const paris = { cron: "0 18 * * *", timeZone: "Europe/Paris" }
const standardDay = {
  id: "day",
  name: "Standard day",
  schedule: paris,
  do: { type: "create-entry", start: "08:00", end: "17:00", breakMinutes: 60, note: "Site" }
}
/** A Tuesday, 18:00 in Paris. */
const tuesday = "2026-06-09T16:00:00Z"
const skipped = (reason: string) => Verdict.Complete({ summary: { skipped: true, reason } })
const summaryOf = (verdict: Verdict) => verdict._tag === "Complete" ? verdict.summary : verdict

layer(ownAutomations, { excludeTestServices: true })("an automation job", (it) => {
  it.effect("logs a standard day by the user's clock, marked with source, automation and occurrence", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay] })
      const verdict = yield* runJob(yield* makeRun(user, "day", tuesday))
      assert.deepStrictEqual(summaryOf(verdict), { outcome: "done", entries: 1, events: 0 })
      const [entry, ...more] = yield* entriesOf(user)
      assert.isEmpty(more)
      assert.deepInclude(entry, {
        start: "2026-06-09T06:00Z",
        end: "2026-06-09T15:00Z",
        status: "pending",
        source: "automation",
        automationId: "day",
        occurrence: "2026-06-09T16:00Z",
        breakMinutes: 60,
        note: "Site",
        projectId: null
      })
      assert.match(entry?.id ?? "", /^c[a-z0-9]{24}$/)
    }))

  it.effect("does its work once, however often and by how many jobs the run comes", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay, { ...standardDay, id: "tell", do: { type: "emit-event", event: "day.done" } }] })
      yield* subscribe(user, "day.done")
      for (const id of ["day", "tell"]) {
        const data = yield* makeRun(user, id, tuesday)
        const first = yield* Effect.forEach(["a", "b", "c"], (jobId) => runJob(data, { jobId }), { concurrency: "unbounded" })
        assert.lengthOf(first.filter((verdict) => JSON.stringify(verdict).includes(`"done"`)), 1)
        assert.deepInclude(yield* runJob(data), skipped("already-done"))
      }
      assert.lengthOf(yield* entriesOf(user), 1)
      assert.lengthOf(yield* deliveriesOf(user), 1)
    }))

  it.effect("logs nothing on a weekend, a public holiday, an absence, over another entry, or on an approved date: and says why", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const user = yield* newUser({ automations: [standardDay], country: "FR" })
      yield* sql`INSERT INTO absences (id, "tenantId", "tenantUserId", "startDate", "endDate") VALUES (${`a-${user.tenantUserId}`}, ${user.tenantId}, ${user.tenantUserId}, '2026-06-10', '2026-06-11')`
      yield* newEntry(user, "2026-06-12T12:00:00Z", "2026-06-12T13:00:00Z")
      yield* newEntry(user, "2026-06-15T20:00:00Z", "2026-06-15T21:00:00Z", { status: "approved" })
      for (const [at, note] of [
        ["2026-06-06T16:00:00Z", "on a weekend"],
        ["2026-07-14T16:00:00Z", "on a public holiday"],
        ["2026-06-11T16:00:00Z", "during an absence"],
        ["2026-06-12T16:00:00Z", "there is an entry already"],
        ["2026-06-15T16:00:00Z", "on a date that is approved or exported"]
      ] as const) {
        assert.deepStrictEqual(summaryOf(yield* runJob(yield* makeRun(user, "day", at))), { outcome: "nothing", entries: 0, events: 0, note })
      }
      assert.lengthOf(yield* entriesOf(user), 2)
    }))

  it.effect("runs only what is due when a user alone is named, and each of it once", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay, { ...standardDay, id: "evening", do: { type: "create-entry", start: "19:00", end: "20:00" } }] })
      assert.deepInclude(summaryOf(yield* runJob(user)), { runs: 0 })
      const data = yield* makeRun(user, "day", tuesday)
      yield* applyChanges
      const sql = yield* SqlClient.SqlClient
      // The scheduler is behind: this one's time has come, and nobody has made a run of it.
      yield* sql`UPDATE tt_worker.schedules SET "nextRunAt" = '2026-06-08T16:00Z', "dueAt" = '2026-06-08T16:00Z' WHERE "tenantId" = ${user.tenantId} AND key LIKE '%/evening'`
      const first = summaryOf(yield* runJob(user))
      assert.deepInclude(first, { runs: 2, failed: 0 })
      assert.deepInclude(yield* runJob(data), skipped("already-done"))
      yield* runJob(user)
      const rows = yield* entriesOf(user)
      assert.lengthOf(rows.filter(({ automationId }) => automationId === "day"), 1)
      assert.isAtMost(rows.filter(({ automationId }) => automationId === "evening").length, 1)
    }))

  it.effect("runs the one that is named, whatever its schedule says", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay] })
      const asked = { ...user, automation: "day" }
      const addedAt = Date.parse("2026-06-09T07:12:13.456Z")
      assert.deepInclude(summaryOf(yield* runJob(asked, { addedAt })), { outcome: "done" })
      assert.deepInclude(summaryOf(yield* runJob(asked, { addedAt })), { outcome: "already-done" })
      assert.deepStrictEqual(spans(yield* entriesOf(user)), ["2026-06-09T06:00Z 2026-06-09T15:00Z"])
    }))

  it.effect("is skipped, with the reason, where tenant, user, feature or automation are gone or off", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const off = yield* newUser({ automations: [standardDay], features: { automations: false } })
      const archived = yield* newUser({ automations: [standardDay], archived: true })
      const disabled = yield* newUser({ automations: [{ ...standardDay, enabled: false }] })
      const gone = yield* newUser({ automations: [] })
      const noTenant = yield* newUser({ automations: [standardDay] })
      yield* sql`DELETE FROM tenants WHERE id = ${noTenant.tenantId}`
      for (const [user, reason] of [
        [off, /feature-off: automations/],
        [archived, /user-archived/],
        [disabled, /automation-disabled/],
        [gone, /automation-gone/],
        [noTenant, /tenant-gone/],
        [{ ...gone, tenantUserId: archived.tenantUserId }, /user-gone/]
      ] as const) {
        const verdict = yield* runJob(yield* makeRun(user, "day", tuesday))
        assert.strictEqual(verdict._tag, "Complete")
        assert.match(JSON.stringify(verdict), reason)
        assert.isEmpty(yield* entriesOf(user))
        const [run] = yield* sql`SELECT state FROM tt_worker.occurrences WHERE "tenantId" = ${user.tenantId}`
        assert.strictEqual(run?.["state"], "done", "nobody enqueues it again")
      }
    }))

  it.effect("touches no other tenant's rows", () =>
    Effect.gen(function*() {
      const mine = yield* newUser({ automations: [{ ...standardDay, do: { type: "close-open-entry", at: "17:30" } }] })
      const theirs = yield* newUser()
      yield* newEntry(theirs, "2026-06-09T06:00:00Z", null)
      const verdict = yield* runJob({ ...(yield* makeRun(mine, "day", tuesday)) })
      assert.deepInclude(summaryOf(verdict), { outcome: "nothing" })
      assert.deepInclude((yield* entriesOf(theirs))[0], { end: null })
    }))

  it.effect("clocks a forgotten entry out at the time that is set, and marks it", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [{ ...standardDay, do: { type: "close-open-entry", at: "17:30" } }] })
      yield* newEntry(user, "2026-06-09T06:07:00Z", null)
      assert.deepInclude(summaryOf(yield* runJob(yield* makeRun(user, "day", tuesday))), { outcome: "done", entries: 1 })
      assert.deepInclude((yield* entriesOf(user))[0], { start: "2026-06-09T06:07Z", end: "2026-06-09T15:30Z", closedBy: "automation", source: null })
    }))

  it.effect("clocks out when the run is due, also where the worker's clock is 90 s behind the database's", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [{ ...standardDay, do: { type: "close-open-entry", at: "18:00" } }] })
      yield* newEntry(user, "2026-06-09T06:07:00Z", null)
      const run = yield* makeRun(user, "day", tuesday)
      const behind = Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Date, "now").mockReturnValue(Date.parse(tuesday) - 90_000)),
        (clock) => Effect.sync(() => clock.mockRestore())
      )
      assert.deepInclude(summaryOf(yield* Effect.scoped(Effect.andThen(behind, runJob(run)))), { outcome: "done", entries: 1 })
    }))

  it.effect("copies the week before and hands drafts over, as the firm approves or not", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (const approvalWorkflow of [true, false]) {
        const user = yield* newUser({
          country: "FR",
          features: { approvalWorkflow },
          automations: [
            { ...standardDay, id: "copy", do: { type: "copy-last-week", as: "draft" } },
            { ...standardDay, id: "submit", do: { type: "submit-pending", in: "this-week" } }
          ]
        })
        yield* sql`INSERT INTO projects (id, "tenantId", archived) VALUES (${`open-${user.tenantId}`}, ${user.tenantId}, false), (${`shut-${user.tenantId}`}, ${user.tenantId}, true)`
        yield* newEntry(user, "2026-06-01T06:00:00Z", "2026-06-01T15:00:00Z", { projectId: `open-${user.tenantId}`, breakMinutes: 45, note: "Roof" })
        yield* newEntry(user, "2026-06-02T06:00:00Z", "2026-06-02T15:00:00Z", { projectId: `shut-${user.tenantId}` })
        yield* newEntry(user, "2026-06-06T06:00:00Z", "2026-06-06T10:00:00Z")
        const copied = summaryOf(yield* runJob(yield* makeRun(user, "copy", "2026-06-08T04:00:00Z")))
        assert.deepStrictEqual(copied, { outcome: "done", entries: 1, events: 0, note: "left out: 1 (the project is archived), 1 (on a weekend)" })
        const draft = (yield* entriesOf(user)).find(({ source }) => source === "automation")
        assert.deepInclude(draft, { start: "2026-06-08T06:00Z", end: "2026-06-08T15:00Z", status: "draft", projectId: `open-${user.tenantId}`, breakMinutes: 45, note: "Roof" })
        assert.deepInclude(summaryOf(yield* runJob(yield* makeRun(user, "submit", "2026-06-12T16:00:00Z"))), { outcome: "done", entries: 1 })
        assert.strictEqual((yield* entriesOf(user)).find(({ source }) => source === "automation")?.status, approvalWorkflow ? "pending" : "approved")
      }
    }))

  it.effect("reminds the firm's webhooks of missing days, open entries and waiting invoices, when there are any", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const user = yield* newUser({
        country: "FR",
        features: { invoices: true },
        automations: [
          { ...standardDay, id: "missing", do: { type: "remind", event: "entry.missing", in: "this-week" } },
          { ...standardDay, id: "open", do: { type: "remind", event: "entry.open", openLongerThanMinutes: 600 } },
          { ...standardDay, id: "invoices", do: { type: "remind", event: "invoice.review-pending", waitingLongerThanDays: 3 } }
        ]
      })
      yield* subscribe(user, "entry.missing", "entry.open", "invoice.review-pending")
      yield* newEntry(user, "2026-06-08T06:00:00Z", "2026-06-08T15:00:00Z")
      for (const id of ["open", "invoices"]) assert.deepInclude(summaryOf(yield* runJob(yield* makeRun(user, id, tuesday))), { outcome: "nothing", events: 0 })
      const open = yield* newEntry(user, "2026-06-11T05:00:00Z", null)
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status, "createdAt") VALUES (${`i-${user.tenantId}`}, ${user.tenantId}, 'k', 'processed', '2026-06-05T10:00:00')`
      for (const id of ["missing", "open", "invoices"]) assert.deepInclude(summaryOf(yield* runJob(yield* makeRun(user, id, "2026-06-11T16:00:00Z"))), { outcome: "done", events: 1 })
      const sent = new Map((yield* deliveriesOf(user)).map(({ event, payload }) => [event, payload["data"]]))
      assert.deepInclude(sent.get("entry.missing"), { tenantId: user.tenantId, tenantUserId: user.tenantUserId, automationId: "missing", occurrence: "2026-06-11T16:00:00.000Z", date: "2026-06-11", dates: ["2026-06-09", "2026-06-10"] })
      assert.deepInclude(sent.get("entry.open"), { entries: [{ id: open, startDate: "2026-06-11T05:00:00.000Z" }] })
      assert.deepInclude(sent.get("invoice.review-pending"), { count: 1, oldest: "2026-06-05T10:00:00.000Z" })
    }))

  it.effect("keeps projects out of it where the firm has none, and obeys an archived project", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const withProject = (id: string) => [{ ...standardDay, do: { ...standardDay.do, projectId: id, taskId: "task" } }]
      for (const [features, archived, expected] of [
        [{}, false, { projectId: "given", taskId: null }],
        [{ tasks: true }, false, { projectId: "given", taskId: "task" }],
        [{ projects: false, tasks: true }, false, { projectId: null, taskId: null }],
        [{}, true, null]
      ] as const) {
        const user = yield* newUser({ features })
        const project = `project-${user.tenantId}`
        yield* sql`INSERT INTO projects (id, "tenantId", archived) VALUES (${project}, ${user.tenantId}, ${archived})`
        yield* setAutomations(user, withProject(project))
        yield* runJob(yield* makeRun(user, "day", tuesday))
        const rows = yield* sql<{ readonly projectId: string | null; readonly taskId: string | null }>`SELECT "projectId", "taskId" FROM entries WHERE "tenantId" = ${user.tenantId}`
        assert.deepStrictEqual(rows, expected === null ? [] : [{ ...expected, projectId: expected.projectId === null ? null : project }])
      }
    }))

  it.effect("shows on the overview how the last run went", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay] })
      yield* applyChanges
      yield* runJob(yield* makeRun(user, "day", "2026-06-06T16:00:00Z"))
      assert.deepInclude((yield* overviewOf(user))[0], { automationId: "day", state: "active", reason: null, lastOutcome: "nothing", lastNote: "on a weekend" })
    }))

  for (const data of [{}, { tenantId: "t" }, { tenantId: "t", tenantUserId: "" }, { tenantId: "t", tenantUserId: "u", automation: 7 }, { tenantId: "t", tenantUserId: "u", scheduled: { at: "now" } }]) {
    it.effect(`fails for good on job data such as ${JSON.stringify(data)}`, () =>
      Effect.gen(function*() {
        const verdict = yield* runJob(data)
        assert.strictEqual(verdict._tag, "Fail")
        assert.match(JSON.stringify(verdict), /job-data-invalid/)
      }))
  }
})
