import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as Command from "effect/cli/Command"
import { TestConsole } from "effect/testing"
import { jobs } from "../../../programs/cli/jobs.ts"
import { status } from "../../../programs/cli/status.ts"
import { type InspectedJob, JobInspector } from "../../../src/services/JobInspector.ts"
import { JobProducerError } from "../../../src/services/JobProducer.ts"
import { ProcessStatuses } from "../../../src/services/ProcessStatuses.ts"
import { QueueControls } from "../../../src/services/QueueControls.ts"
import { QueueStatistics } from "../../../src/services/QueueStatistics.ts"
import { WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"
import { ownTables } from "../../support/invoiceTables.ts"

const queue = "invoice-processing"
const failed: InspectedJob = {
  id: "j1",
  name: "process",
  state: "failed",
  data: { tenantId: "t1", invoiceId: "i1" },
  attempts: 5,
  addedAt: Date.UTC(2026, 2, 1, 22),
  finishedAt: Date.UTC(2026, 2, 1, 23, 5),
  reason: "ocr-unavailable: text recognition: Google Vision answered UNAVAILABLE",
  result: null,
  traceId: "0af7651916cd43dd8448eb211c80319c"
}

const inspector = Layer.succeed(JobInspector, {
  failed: () => Effect.succeed([failed]),
  unfinished: () => Effect.succeed([]),
  show: (_, id) => Effect.succeed(id === "j1" ? Option.some(failed) : Option.none()),
  retry: (_, id) => Effect.succeed(id === null ? { _tag: "Retried", jobs: 3 } : id === "j1" ? { _tag: "Retried", jobs: 1 } : id === "j2" ? { _tag: "NotFailed", state: "active" } : { _tag: "NotFound" })
})
const statistics = Layer.succeed(QueueStatistics, {
  of: (name) =>
    name === "automation"
      ? Effect.fail(new JobProducerError({ queue: name, reason: "unavailable", detail: "away" }))
      : Effect.succeed({ queue: name, waiting: 7, active: 2, delayed: 1, failed: 3, oldestAt: null })
})
const leaf = { strategy: null, since: 0, restarts: 2, lastFailure: null, nextStart: null, children: [] }
const statuses = Layer.succeed(ProcessStatuses, {
  publish: () => Effect.void,
  all: Effect.succeed([{
    id: "p1",
    name: "vm, pid 7",
    version: "0.1.0",
    silentSeconds: 1,
    status: {
      at: 0,
      ready: true,
      tree: { ...leaf, name: "tt-worker", path: "tt-worker", state: "running", restarts: 0, children: [{ ...leaf, name: "scheduler", path: "tt-worker/scheduler", state: "backing-off" }] },
      pools: [{ queue, state: "taking", trouble: null, running: 2, concurrency: 4, finished: 19 }],
      jobs: [],
      moreJobs: 2,
      troubles: [],
      outside: []
    }
  }])
})

const cli = Command.make("tt-worker").pipe(Command.withSubcommands([jobs, status]))

/** Runs a command line; what it has said. */
const say = (line: string) =>
  Effect.gen(function*() {
    yield* Command.runWith(cli, { version: "0" })(line.split(" "))
    return (yield* TestConsole.logLines).join("\n")
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const words = (line: string) => line.trim().split(/ {2,}/)

const deliveries = Layer.mock(WebhookDeliveries, {})

layer(Layer.mergeAll(ownTables, NodeServices.layer, inspector, statistics, statuses, deliveries), { excludeTestServices: true })("the commands for the night", (it) => {
  it.effect("list failed jobs with their reasons, and show one with its trace", () =>
    Effect.gen(function*() {
      const [heading, row] = (yield* say(`jobs failed ${queue}`)).split("\n").map(words)
      assert.deepStrictEqual(heading, ["job", "failed at", "tenant", "attempts", "reason"])
      assert.deepStrictEqual(row, ["j1", "2026-03-01T23:05:00Z", "t1", "5", failed.reason])
      assert.deepStrictEqual(JSON.parse(yield* say(`jobs failed ${queue} --json`)), [failed])
      const shown = yield* say(`jobs show ${queue} j1`)
      assert.include(shown, "0af7651916cd43dd8448eb211c80319c")
      assert.include(shown, `{"tenantId":"t1","invoiceId":"i1"}`)
      assert.include((yield* Effect.flip(say(`jobs show ${queue} j9`))).message, "has no job j9")
    }))

  it.effect("try failed jobs again on record with who, and say why not", () =>
    Effect.gen(function*() {
      assert.include(yield* say(`jobs retry ${queue} j1 --by marie`), "1 failed job of invoice-processing put back in line")
      assert.deepStrictEqual(JSON.parse(yield* say(`jobs retry ${queue} --json`)), { queue, retried: 3 })
      assert.include((yield* Effect.flip(say(`jobs retry ${queue} j2`))).message, "is active: only a failed job is tried again")
      assert.include((yield* Effect.flip(say(`jobs retry ${queue} j9`))).message, "has no job j9")
      const history = yield* QueueControls.use(({ history }) => history(5))
      assert.deepStrictEqual(history.map(({ action, by, queue, value }) => [action, by, queue, value]), [
        ["RetryJob", "command line", queue, "all that failed (3)"],
        ["RetryJob", "marie", queue, "j1"]
      ])
    }))

  it.effect("show processes, pools and queues, also where one does not answer", () =>
    Effect.gen(function*() {
      const said = yield* say("status")
      const rows = said.split("\n").map(words)
      assert.deepStrictEqual(rows[1], ["vm, pid 7", "0.1.0", "ready", "2", "2", "scheduler backing-off"])
      assert.deepInclude(rows, [queue, "vm, pid 7", "taking", "2 of 4", "19"])
      assert.deepInclude(rows, [queue, "7", "2", "1", "3"])
      assert.deepInclude(rows, ["automation", "does not answer"])
      const told = JSON.parse(yield* say("status --json"))
      assert.deepInclude(told.queues, { queue: "automation", error: "does not answer" })
      assert.strictEqual(told.processes[0].status.ready, true)
    }))
})
