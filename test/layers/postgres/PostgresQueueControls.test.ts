import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { ControlCommand, noControls, pausedTenantsOf, QueueControls } from "../../../src/services/QueueControls.ts"
import { ownTables } from "../../support/invoiceTables.ts"
import { isNarrowed } from "../../support/postgresAt.ts"

const [invoices, mail] = ["invoice-processing", "email-sync"] as const

const clean = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`TRUNCATE tt_worker.queue_controls, tt_worker.tenant_pauses, tt_worker.control_log`
  return yield* QueueControls
})

layer(ownTables, { excludeTestServices: true })("operators' commands", (it) => {
  it.effect("are none where nobody has said anything", () =>
    Effect.gen(function*() {
      const controls = yield* clean
      assert.deepStrictEqual(yield* controls.read, noControls)
      assert.deepStrictEqual(yield* controls.history(10), [])
    }))

  it.effect("pause and resume a queue, and leave the others and its concurrency alone", () =>
    Effect.gen(function*() {
      const { change, read } = yield* clean
      yield* change(ControlCommand.SetConcurrency({ queue: invoices, concurrency: 7 }), "ann")
      yield* change(ControlCommand.Pause({ queue: invoices }), "ann")
      yield* change(ControlCommand.Pause({ queue: invoices }), "bob")
      assert.deepStrictEqual(yield* read, { ...noControls, pausedQueues: new Set([invoices]), concurrency: new Map([[invoices, 7]]) })
      yield* change(ControlCommand.Resume({ queue: invoices }), "ann")
      yield* change(ControlCommand.Resume({ queue: mail }), "ann")
      assert.deepStrictEqual(yield* read, { ...noControls, concurrency: new Map([[invoices, 7]]) })
    }))

  it.effect("drain a queue, beside a pause of it; resuming ends both", () =>
    Effect.gen(function*() {
      const { change, read } = yield* clean
      yield* change(ControlCommand.Drain({ queue: invoices }), "ann")
      assert.deepStrictEqual(yield* read, { ...noControls, drainingQueues: new Set([invoices]) })
      yield* change(ControlCommand.Pause({ queue: invoices }), "ann")
      assert.deepStrictEqual(yield* read, { ...noControls, pausedQueues: new Set([invoices]), drainingQueues: new Set([invoices]) })
      yield* change(ControlCommand.Resume({ queue: invoices }), "ann")
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("set a queue's concurrency, and give it back to the environment, and leave its pause alone", () =>
    Effect.gen(function*() {
      const { change, read } = yield* clean
      yield* change(ControlCommand.Pause({ queue: mail }), "ann")
      for (const [concurrency, expected] of [[3, new Map([[mail, 3]])], [0, new Map([[mail, 0]])], [null, new Map()]] as const) {
        yield* change(ControlCommand.SetConcurrency({ queue: mail, concurrency }), "ann")
        assert.deepStrictEqual(yield* read, { ...noControls, pausedQueues: new Set([mail]), concurrency: new Map(expected) })
      }
    }))

  it.effect("pause a tenant in one queue or in all, and resuming it everywhere takes back both", () =>
    Effect.gen(function*() {
      const { change, read } = yield* clean
      yield* change(ControlCommand.PauseTenant({ tenantId: "a", queue: null }), "ann")
      yield* change(ControlCommand.PauseTenant({ tenantId: "b", queue: mail }), "ann")
      yield* change(ControlCommand.PauseTenant({ tenantId: "b", queue: mail }), "ann")
      const both = yield* read
      assert.deepStrictEqual(pausedTenantsOf(both, mail), new Set(["a", "b"]))
      assert.deepStrictEqual(pausedTenantsOf(both, invoices), new Set(["a"]))
      // What was paused everywhere is not resumed in one queue alone.
      yield* change(ControlCommand.ResumeTenant({ tenantId: "a", queue: mail }), "ann")
      assert.deepStrictEqual(pausedTenantsOf(yield* read, mail), new Set(["a", "b"]))
      yield* change(ControlCommand.ResumeTenant({ tenantId: "b", queue: null }), "ann")
      yield* change(ControlCommand.ResumeTenant({ tenantId: "a", queue: null }), "ann")
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("are recorded with who and when, the newest first", () =>
    Effect.gen(function*() {
      const { change, history } = yield* clean
      const before = yield* DateTime.now
      yield* change(ControlCommand.Pause({ queue: invoices }), "ann")
      yield* change(ControlCommand.PauseTenant({ tenantId: "a'; DROP", queue: null }), "bob")
      yield* change(ControlCommand.SetConcurrency({ queue: mail, concurrency: 5 }), "ann")
      yield* change(ControlCommand.SetConcurrency({ queue: mail, concurrency: null }), "eve")
      const record = yield* history(10)
      assert.deepStrictEqual(record.map(({ action, by, queue, tenantId, value }) => [by, action, queue, tenantId, value]), [
        ["eve", "SetConcurrency", mail, null, "default"],
        ["ann", "SetConcurrency", mail, null, "5"],
        ["bob", "PauseTenant", null, "a'; DROP", null],
        ["ann", "Pause", invoices, null, null]
      ])
      for (const { at } of record) assert.isAtMost(Math.abs(at.epochMilliseconds - before.epochMilliseconds), 30_000)
      assert.lengthOf(yield* history(2), 2)
    }))

  it.effect.skipIf(isNarrowed)("are not carried out where they cannot be recorded", () =>
    Effect.gen(function*() {
      const { change, read } = yield* clean
      const sql = yield* SqlClient.SqlClient
      yield* sql`ALTER TABLE tt_worker.control_log RENAME TO away`
      const error = yield* Effect.flip(change(ControlCommand.Pause({ queue: invoices }), "ann")).pipe(
        Effect.ensuring(Effect.orDie(sql`ALTER TABLE tt_worker.away RENAME TO control_log`))
      )
      assert.include(error.message, "the operators' commands: ")
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("for queues that this version does not know are left aside", () =>
    Effect.gen(function*() {
      const { read } = yield* clean
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO tt_worker.queue_controls (queue, paused, concurrency) VALUES ('reports', true, 4)`
      yield* sql`INSERT INTO tt_worker.tenant_pauses ("tenantId", queue) VALUES ('a', 'reports')`
      assert.deepStrictEqual(yield* read, noControls)
    }))
})
