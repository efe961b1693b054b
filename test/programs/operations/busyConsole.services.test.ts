import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, DateTime, Duration, Effect, Layer, Ref } from "effect"
import { fileURLToPath } from "node:url"
import * as OperationsServer from "../../../layers/http/OperationsServer.ts"
import { Access } from "../../../programs/operations/Access.ts"
import { ConsoleFolder, type ConsoleNeeds, consoleRoutes } from "../../../programs/operations/console.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import type { ProcessStatus, TreeNodeStatus } from "../../../src/domain/ProcessStatus.ts"
import { Breaker, BreakerState } from "../../../src/services/Breaker.ts"
import { JobInspector } from "../../../src/services/JobInspector.ts"
import { OutsideTroubles } from "../../../src/services/OutsideTroubles.ts"
import { WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { JobBoard } from "../../../src/services/JobBoard.ts"
import { OperationsAddress } from "../../../src/services/OperationsAddress.ts"
import { ProcessStatuses } from "../../../src/services/ProcessStatuses.ts"
import { noControls, QueueControls } from "../../../src/services/QueueControls.ts"
import { QueueStatistics } from "../../../src/services/QueueStatistics.ts"
import { openPage, startBrowser } from "../../support/browser.ts"

const queues = Object.values(QUEUE_NAMES)
const perSecond = 500

const node = (name: string, children: ReadonlyArray<TreeNodeStatus> = []): TreeNodeStatus =>
  ({ name, path: name, strategy: children.length === 0 ? null : "one-for-one", state: "running", since: 0, restarts: 0, lastFailure: null, nextStart: null, children })
const tree = node("tt-worker", [node("operations"), node("presence"), node("queues", queues.map((queue) => node(queue))), node("upkeep", [node("status"), node("scheduler"), node("outbox-relay"), node("reconciler")])])

/** One of five replicas: each second all its jobs are others, and ten more have failed. */
const replica = (index: number, now: number): ProcessStatus => {
  const done = Math.floor(now / 1000) * perSecond
  return {
    at: now,
    ready: true,
    tree,
    pools: queues.map((queue) => ({ queue, state: "taking", trouble: null, running: 25, concurrency: 25, finished: done })),
    jobs: Array.from({ length: 100 }, (_, job) => ({
      queue: queues[job % queues.length] ?? "",
      jobId: String(done + index * 100 + job),
      tenantId: `tenant-${job % 17}`,
      invoiceId: null,
      attempt: 1 + job % 3,
      step: "WebhookSender.send",
      since: now - job * 10,
      traceId: "0af7651916cd43dd8448eb211c80319c"
    })),
    moreJobs: 0,
    troubles: Array.from({ length: 30 }, (_, job) => ({
      at: now - job * 100,
      queue: queues[job % queues.length] ?? "",
      jobId: String(done - job),
      outcome: "retry" as const,
      reason: "the subscriber answered 503",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      times: 1
    })),
    outside: ["google-vision", "openai", "storage"].map((name) => ({ name, running: 4, answeredAt: now, failedAt: null, failure: null, limitedUntil: null, limit: null }))
  }
}

/** The console as it looks when five replicas end 500 jobs a second. */
const busyConsole = Effect.gen(function*() {
  const services: Context.Context<ConsoleNeeds> = Context.make(QueueControls, {
    read: Effect.succeed(noControls),
    change: () => Effect.void,
    note: () => Effect.void,
    history: (limit) =>
      Effect.map(DateTime.now, (at) => Array.from({ length: limit }, (_, index) => ({ at: DateTime.subtractDuration(at, Duration.minutes(index)), by: "marie", action: "Pause" as const, queue: "automation", tenantId: null, value: null })))
  }).pipe(
    Context.add(ProcessStatuses, {
      publish: () => Effect.void,
      all: Effect.map(Clock.currentTimeMillis, (now) => [0, 1, 2, 3, 4].map((index) => ({ id: `p${index}`, name: `replica-${index}, pid ${index}`, version: "0.1.0", silentSeconds: 0, status: replica(index, now) })))
    }),
    Context.add(QueueStatistics, {
      of: (queue) => Effect.map(Clock.currentTimeMillis, (now) => ({ queue, waiting: now % 10_000, active: 125, delayed: now % 97, failed: Math.floor(now / 1000) % 1000, oldestAt: now - 4_000 }))
    }),
    Context.add(Breaker, { withBreaker: (_key, _policy, effect) => effect, state: () => Effect.succeed(BreakerState.Closed()) }),
    Context.add(OutsideTroubles, { endpoints: () => Effect.succeed([]), mailboxes: () => Effect.succeed([]) }),
    Context.add(JobInspector, yield* Effect.map(Layer.build(Layer.mock(JobInspector, {})), Context.get(JobInspector))),
    Context.add(WebhookDeliveries, yield* Effect.map(Layer.build(Layer.mock(WebhookDeliveries, {})), Context.get(WebhookDeliveries))),
    Context.add(JobBoard, { changeOf: () => null, answer: () => Effect.die("not here") }),
    Context.add(Invoices, yield* Effect.map(Layer.build(Layer.mock(Invoices, {})), Context.get(Invoices)))
  )
  const routes = consoleRoutes(Effect.succeed(services)).pipe(
    Layer.provide(Access.layer({ tokens: [], local: true })),
    Layer.provide(Layer.succeed(ConsoleFolder, fileURLToPath(new URL("../../../console", import.meta.url))))
  )
  const address = yield* Ref.make<string | null>(null)
  yield* OperationsServer.start({ host: "127.0.0.1", port: 0, routes }).pipe(Effect.provide(Layer.merge(NodeServices.layer, Layer.succeed(OperationsAddress, address))))
  return (yield* Ref.get(address)) ?? ""
})

interface TraceEvent {
  readonly name: string
  /** Microseconds on the processor: what else runs on the machine does not count. */
  readonly tdur?: number
}

describe("the console at 500 jobs a second", () => {
  it.live("has no task of more than 100 ms, so that it answers at once whatever is done in it", () =>
    Effect.gen(function*() {
      const base = yield* busyConsole
      const { complaints, page } = yield* openPage(yield* startBrowser, { width: 1400, height: 1300 })
      yield* Effect.promise(() => page.goto(base, { waitUntil: "domcontentloaded" }))
      yield* Effect.promise(() => page.waitForFunction("document.querySelectorAll('#jobs tr').length >= 200", { timeout: 30_000 }))
      yield* Effect.promise(() => page.tracing.start({ categories: ["toplevel", "disabled-by-default-devtools.timeline"] }))
      yield* Effect.promise(() => page.evaluate(`globalThis.longTasks = []; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longTasks.push(duration) }).observe({ type: "longtask" })`))
      const rowsBefore = yield* Effect.promise(() => page.$eval("#jobs tr td:nth-child(2)", (cell) => cell.textContent))
      yield* Effect.sleep("10 seconds")
      const longTasks = yield* Effect.promise(() => page.evaluate("longTasks"))
      const rowsAfter = yield* Effect.promise(() => page.$eval("#jobs tr td:nth-child(2)", (cell) => cell.textContent))
      const trace = yield* Effect.promise(() => page.tracing.stop())
      const { traceEvents }: { readonly traceEvents: ReadonlyArray<TraceEvent> } = JSON.parse(Buffer.from(trace ?? []).toString("utf8"))
      const tasks = traceEvents.filter(({ name, tdur }) => name.endsWith("RunTask") && tdur !== undefined).map(({ tdur = 0 }) => tdur / 1000)
      assert.isAbove(tasks.length, 100)
      assert.notStrictEqual(rowsBefore, rowsAfter, "the page must have followed")
      assert.isAtMost(Math.max(...tasks), 100, `on the processor; by the clock ${JSON.stringify(longTasks)}`)
      assert.deepStrictEqual(complaints, [])
    }).pipe(Effect.scoped), 90_000)
})
