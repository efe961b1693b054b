import { Clock, DateTime, Duration, Effect, Metric, Struct } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import type { ProcessStatus, TreeNodeStatus } from "../../src/domain/ProcessStatus.ts"
import { OutsideCalls } from "../../src/observability/OutsideCalls.ts"
import { labelled, metrics } from "../../src/observability/metrics.ts"
import { ProcessStatuses } from "../../src/services/ProcessStatuses.ts"
import { QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { RunningWork } from "../../src/services/RunningWork.ts"
import { ConsumerBoard } from "../../src/supervisor/consumer/ConsumerBoard.ts"
import { type ConsumerStatus, statusOf } from "../../src/supervisor/consumer/ConsumerMessage.ts"
import { troubleInWords } from "../../src/supervisor/consumer/fetching.ts"
import { Readiness } from "../../src/supervisor/Readiness.ts"
import { Supervisor } from "../../src/supervisor/Supervisor.ts"
import type { TreeStatus } from "../../src/supervisor/TreeStatus.ts"

const publishEvery = Duration.seconds(1)
/** Counting a queue costs its server more than a row of ours. */
const countEvery = Duration.seconds(5)
const mostJobsShown = 100
const troubles = Struct.keys(troubleInWords)

const poolSize = labelled(metrics.poolSize)
const poolRunning = labelled(metrics.poolRunning)
const queuePaused = labelled(metrics.queuePaused)
const providerRunning = labelled(metrics.providerRunning)
const limitWait = labelled(metrics.limitWait)
const queueUnfetchable = labelled(metrics.queueUnfetchable)
const queueJobs = labelled(metrics.queueJobs)
const queueOldest = labelled(metrics.queueOldest)
const childRestarts = labelled(metrics.childRestarts)
const childRunning = labelled(metrics.childRunning)

const toNode = ({ children, lastFailure, name, nextStart, path, restarts, since, state, strategy }: TreeStatus): TreeNodeStatus => ({
  name,
  path,
  strategy,
  state,
  since: DateTime.toEpochMillis(since),
  restarts,
  lastFailure,
  nextStart: nextStart === null ? null : DateTime.toEpochMillis(nextStart),
  children: children.map(toNode)
})

const leavesOf = (node: TreeNodeStatus): ReadonlyArray<TreeNodeStatus> =>
  node.children.length === 0 ? [node] : node.children.flatMap(leavesOf)

const measure = Effect.fnUntraced(function*({ at, outside, pools, ready, tree }: ProcessStatus) {
  for (const { concurrency, queue, running, state, trouble } of pools) {
    yield* Metric.update(poolSize({ queue }), concurrency)
    yield* Metric.update(poolRunning({ queue }), running)
    yield* Metric.update(queuePaused({ queue }), state === "paused" || state === "draining" || state === "drained" ? 1 : 0)
    for (const cause of troubles) yield* Metric.update(queueUnfetchable({ queue, cause }), trouble?.kind === cause ? 1 : 0)
  }
  for (const { name, restarts, state } of leavesOf(tree)) {
    yield* Metric.update(childRestarts({ child: name }), restarts)
    yield* Metric.update(childRunning({ child: name }), state === "running" ? 1 : 0)
  }
  for (const { limitedUntil, name, running } of outside) {
    yield* Metric.update(providerRunning({ provider: name }), running)
    yield* Metric.update(limitWait({ provider: name }), Math.max(0, (limitedUntil ?? at) - at) / 1000)
  }
  yield* Metric.update(metrics.ready, ready ? 1 : 0)
})

/** How this process is at this moment. */
export const currentStatus = Effect.gen(function*() {
  const board = yield* ConsumerBoard
  const readiness = yield* Readiness
  const supervisor = yield* Supervisor
  const work = yield* RunningWork
  // One that has just stopped is left out.
  const statuses = yield* Effect.forEach(yield* board.all, (consumer) => Effect.option(statusOf(consumer)))
  const pools = statuses.flatMap((status): ReadonlyArray<ConsumerStatus> => status._tag === "Some" ? [status.value] : [])
  const jobs = yield* work.jobs
  return {
    at: yield* Clock.currentTimeMillis,
    ready: yield* readiness.isReady,
    tree: toNode(yield* supervisor.status),
    pools,
    jobs: jobs.slice(0, mostJobsShown),
    moreJobs: Math.max(0, jobs.length - mostJobsShown),
    troubles: yield* work.troubles,
    outside: yield* (yield* OutsideCalls).all
  } satisfies ProcessStatus
})

/** An outage is told by those whose work it holds up. */
const quietly = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.timeout(Duration.seconds(5)), Effect.catch((error) => Effect.logDebug(error.message)))

const publish = Effect.gen(function*() {
  const statuses = yield* ProcessStatuses
  const status = yield* currentStatus
  yield* measure(status)
  yield* statuses.publish(status)
})

const count = (queue: QueueName) =>
  Effect.gen(function*() {
    const { active, delayed, failed, oldestAt, waiting } = yield* QueueStatistics.use((statistics) => statistics.of(queue))
    for (const [state, jobs] of Object.entries({ waiting, active, delayed, failed })) yield* Metric.update(queueJobs({ queue, state }), jobs)
    yield* Metric.update(queueOldest({ queue }), oldestAt === null ? 0 : Math.max(0, (yield* Clock.currentTimeMillis) - oldestAt) / 1000)
  })

/** The child that tells all consoles how this process is, and keeps the metrics of tree, pools and queues up to date. Never ends. */
export const publishStatus = (queues: ReadonlyArray<QueueName>) =>
  Effect.raceFirst(
    quietly(publish).pipe(Effect.andThen(Effect.sleep(publishEvery)), Effect.forever),
    Effect.forEach(queues, (queue) => quietly(count(queue)), { discard: true }).pipe(Effect.andThen(Effect.sleep(countEvery)), Effect.forever)
  )
