import { Clock, Console, Duration, Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import type { TreeNodeStatus } from "../../src/domain/ProcessStatus.ts"
import { type LiveProcess, ProcessStatuses } from "../../src/services/ProcessStatuses.ts"
import { type Controls, QueueControls } from "../../src/services/QueueControls.ts"
import { type QueueStatistic, QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { json } from "./flags.ts"
import { table } from "./table.ts"

const nodesOf = (node: TreeNodeStatus): ReadonlyArray<TreeNodeStatus> => [node, ...node.children.flatMap(nodesOf)]

const processRow = ({ name, silentSeconds, status, version }: LiveProcess): ReadonlyArray<string> => {
  const nodes = status === null ? [] : nodesOf(status.tree)
  const notRunning = nodes.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} ${state}`)
  return [
    name,
    version,
    status === null ? "has told nothing yet" : status.ready ? "ready" : "not ready",
    silentSeconds > 5 ? `silent for ${Math.round(silentSeconds)} s` : "",
    status === null ? "" : String(status.jobs.length + status.moreJobs),
    String(nodes.reduce((sum, { restarts }) => sum + restarts, 0)),
    notRunning.join(", ")
  ]
}

const poolRows = ({ name, status }: LiveProcess): ReadonlyArray<ReadonlyArray<string>> =>
  (status?.pools ?? []).map(({ concurrency, finished, queue, running, state }) => [queue, name, state, `${running} of ${concurrency}`, String(finished)])

const wishOf = (queue: QueueName, { concurrency, drainingQueues, pausedQueues, pausedTenants }: Controls): string =>
  [
    pausedQueues.has(queue) ? "paused" : drainingQueues.has(queue) ? "drained" : "",
    concurrency.has(queue) ? `${concurrency.get(queue)} at once` : "",
    ...[...pausedTenants.get(null) ?? [], ...pausedTenants.get(queue) ?? []].map((tenant) => `tenant ${tenant} paused`)
  ].filter((part) => part !== "").join(", ")

const queueRow = (now: number, controls: Controls) => ({ name, statistic }: { readonly name: QueueName; readonly statistic: QueueStatistic | null }): ReadonlyArray<string> =>
  statistic === null
    ? [name, "does not answer", "", "", "", "", wishOf(name, controls)]
    : [
      name,
      ...[statistic.waiting, statistic.active, statistic.delayed, statistic.failed].map(String),
      statistic.oldestAt === null ? "" : Duration.format(Duration.seconds(Math.max(0, Math.round((now - statistic.oldestAt) / 1000)))),
      wishOf(name, controls)
    ]

/** `status`: how processes, pools and queues are at this moment. */
export const status = Command.make("status", { json }, Effect.fnUntraced(function*({ json }) {
  const statuses = yield* ProcessStatuses
  const statistics = yield* QueueStatistics
  const controls = yield* Effect.flatMap(QueueControls, ({ read }) => read)
  const processes = yield* statuses.all
  const now = yield* Clock.currentTimeMillis
  // Where a queue's server is away, the rest is shown all the same.
  const queues = yield* Effect.forEach(Object.values(QUEUE_NAMES), (name) =>
    Effect.map(Effect.option(statistics.of(name)), (found) => ({ name, statistic: Option.getOrNull(found) })), { concurrency: "unbounded" })
  if (json) {
    return yield* Console.log(JSON.stringify({
      now,
      processes,
      queues: queues.map(({ name, statistic }) => statistic ?? { queue: name, error: "does not answer" }),
      controls: {
        paused: [...controls.pausedQueues],
        draining: [...controls.drainingQueues],
        concurrency: Object.fromEntries(controls.concurrency),
        tenants: [...controls.pausedTenants].flatMap(([queue, tenants]) => [...tenants].map((tenantId) => ({ queue, tenantId })))
      }
    }))
  }
  yield* Console.log(processes.length === 0
    ? "  no worker runs"
    : table([["process", "version", "state", "", "jobs", "restarts", "not running"], ...processes.map(processRow)]))
  const pools = processes.flatMap(poolRows)
  if (pools.length > 0) yield* Console.log(`\n${table([["pool", "process", "state", "runs", "ended"], ...pools])}`)
  yield* Console.log(`\n${table([["queue", "waiting", "active", "delayed", "failed", "oldest", "asked for"], ...queues.map(queueRow(now, controls))])}`)
})).pipe(Command.withDescription("How processes, pools and queues are at this moment"))
