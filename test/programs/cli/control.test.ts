import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Command from "effect/cli/Command"
import * as SqlClient from "effect/sql/SqlClient"
import { TestConsole } from "effect/testing"
import { concurrency, drain, pause, resume } from "../../../programs/cli/control.ts"
import { noControls, QueueControls } from "../../../src/services/QueueControls.ts"
import { ownTables } from "../../support/invoiceTables.ts"

const cli = Command.make("tt-worker").pipe(Command.withSubcommands([pause, drain, resume, concurrency]))

const queue = "invoice-processing" as const

/** Runs a command line; what it has said. */
const say = (line: string) =>
  Effect.gen(function*() {
    yield* Command.runWith(cli, { version: "0" })(line.split(" "))
    return (yield* TestConsole.logLines).join("\n")
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const clean = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`TRUNCATE tt_worker.queue_controls, tt_worker.tenant_pauses, tt_worker.control_log`
  return yield* QueueControls
})

layer(Layer.merge(ownTables, NodeServices.layer), { excludeTestServices: true })("the command line", (it) => {
  it.effect("pauses and resumes a queue, and says when it takes effect", () =>
    Effect.gen(function*() {
      const { read } = yield* clean
      assert.include(yield* say(`pause ${queue}`), "invoice-processing is paused; every process does so within two seconds")
      assert.deepStrictEqual(yield* read, { ...noControls, pausedQueues: new Set([queue]) })
      assert.include(yield* say(`resume ${queue}`), "invoice-processing is resumed")
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("pauses and resumes one tenant in a queue", () =>
    Effect.gen(function*() {
      const { read } = yield* clean
      assert.include(yield* say(`pause ${queue} --tenant t1`), "invoice-processing for tenant t1 is paused")
      assert.deepStrictEqual(yield* read, { ...noControls, pausedTenants: new Map([[queue, new Set(["t1"])]]) })
      yield* say(`resume ${queue} --tenant t1`)
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("pauses and resumes one tenant in every queue", () =>
    Effect.gen(function*() {
      const { read } = yield* clean
      assert.include(yield* say(`pause --tenant t1`), "every queue for tenant t1 is paused")
      assert.deepStrictEqual(yield* read, { ...noControls, pausedTenants: new Map([[null, new Set(["t1"])]]) })
      yield* say(`resume --tenant t1`)
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("drains a queue; resuming ends both a drain and a pause", () =>
    Effect.gen(function*() {
      const { history, read } = yield* clean
      assert.include(yield* say(`drain ${queue} --by ann`), "every process does so within two seconds")
      assert.deepStrictEqual(yield* read, { ...noControls, drainingQueues: new Set([queue]) })
      yield* say(`pause ${queue}`)
      yield* say(`resume ${queue}`)
      assert.deepStrictEqual(yield* read, noControls)
      assert.deepStrictEqual((yield* history(5)).map(({ action, by }) => `${by} ${action}`), ["command line Resume", "command line Pause", "ann Drain"])
    }))

  it.effect("sets a queue's concurrency, and gives it back to the environment", () =>
    Effect.gen(function*() {
      const { read } = yield* clean
      assert.include(yield* say(`concurrency ${queue} 9`), "runs 9 jobs at once in each process")
      assert.deepStrictEqual(yield* read, { ...noControls, concurrency: new Map([[queue, 9]]) })
      assert.include(yield* say(`concurrency ${queue}`), "as the environment says")
      assert.deepStrictEqual(yield* read, noControls)
    }))

  it.effect("records who wanted it", () =>
    Effect.gen(function*() {
      const { history } = yield* clean
      yield* say(`pause ${queue} --by ann`)
      yield* say(`resume ${queue}`)
      assert.deepStrictEqual((yield* history(5)).map(({ action, by }) => `${by} ${action}`), ["command line Resume", "ann Pause"])
    }))

  it.effect.each(["pause reports", "pause", "resume", "drain", "drain reports", `concurrency ${queue} many`])("refuses %s, and changes nothing", (line) =>
    Effect.gen(function*() {
      const { history } = yield* clean
      yield* Effect.flip(say(line))
      assert.deepStrictEqual(yield* history(5), [])
    }))
})
