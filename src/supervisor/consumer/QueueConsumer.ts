import { Deferred, Duration, Effect, Latch, Queue, Stream, SubscriptionRef, type Scope } from "effect"
import type { QueueName } from "../../contract/index.ts"
import { Verdict } from "../../domain/Verdict.ts"
import { JobClaims } from "../../services/JobClaims.ts"
import { type JobQueue, type JobQueueError, JobQueues, type TakenJob } from "../../services/JobQueue.ts"
import * as Actor from "../Actor.ts"
import * as FiberPool from "../FiberPool.ts"
import { ConsumerBoard } from "./ConsumerBoard.ts"
import { ConsumerMessage, type ConsumerStatus } from "./ConsumerMessage.ts"
import { makeFetching, tellTrouble } from "./fetching.ts"
import { makeHeldJobs } from "./HeldJobs.ts"
import { LiveControls } from "./LiveControls.ts"
import { isDraining, mayTake, noOrders, type Orders, slotsInRows, tenantsPaused } from "./Orders.ts"
import { type Handle, runJob } from "./runJob.ts"
import { Solitude } from "./Solitude.ts"
import { type ConsumerStuck, watchProgress } from "./watchProgress.ts"

export interface ConsumerOptions<R> {
  readonly queue: QueueName
  /** Jobs at once in this process, unless an operator says otherwise. */
  readonly concurrency: number
  /** Most jobs of one tenant in flight over all replicas; null for no limit. */
  readonly tenantLimit: number | null
  readonly handle: Handle<R>
  /** Waited for before the queue is opened: the jobs stay in it, untouched, for as long as the program cannot run. */
  readonly runnable?: Effect.Effect<void, never, R>
}

type Needs = JobClaims | Solitude

/** Taken at once; more would wait here instead of in line, where their turn could still change. */
const mostAtOnce = 32
/** The longest wait for work: after it the queue is looked at anyway. */
const waitLimit = Duration.seconds(2)
/** Jobs wait that may not run now: looked at again this soon. */
const heldBackPause = Duration.millis(250)
const formerRunPause = Duration.seconds(1)
const troublePause = Duration.millis(500)
const recoverEvery = Duration.seconds(2)
/** Handing back is one statement per job; a connection that does not answer, or a job that ignores its interruption, must not hold up the end. */
const handBackLimit = Duration.seconds(3)
const lastWordLimit = Duration.seconds(1)

const tellPause = (queue: QueueName, paused: boolean) =>
  paused
    ? Effect.logWarning(`queue ${queue}: somebody has paused it by BullMQ's own means; nothing is taken. \`migrate-queues --apply\` takes the pause over`)
    : Effect.logInfo(`queue ${queue}: BullMQ's pause has ended`)

/** The moments by which progress is judged; `performance.now()`. */
interface Moments {
  contact: number
  taken: number
}

const makeConsumer = <R>(options: ConsumerOptions<R>, queue: JobQueue) =>
  Effect.gen(function*() {
    const solitude = yield* Solitude
    const controls = yield* LiveControls
    const claims = yield* JobClaims
    const board = yield* ConsumerBoard
    const scope = yield* Effect.scope
    const pool = yield* FiberPool.make(options.concurrency)
    const willing = yield* Latch.make(false)
    const fetching = makeFetching()
    const moments: Moments = { contact: performance.now(), taken: performance.now() }
    let orders = noOrders
    let ending = false
    let heldBack = false
    let finished = 0
    let pausedByOthers = false
    /** Jobs that may have killed a process, in case the queue has forgotten it. */
    let recorded: ReadonlySet<string> = new Set()

    const onContact = Effect.sync(() => {
      moments.contact = performance.now()
    })
    const held = yield* makeHeldJobs({
      queue,
      onContact,
      onLost: ({ attempt }, why) =>
        Effect.logWarning(`queue ${options.queue}: job ${attempt.jobId} is abandoned: ${why}`).pipe(Effect.andThen(Effect.forkDetach(pool.interrupt(attempt.jobId))), Effect.asVoid)
    })

    /** A job has ended here: a tenant at its limit may have another one run. */
    const ended = yield* Queue.sliding<void>(1)

    const work = (job: TakenJob) =>
      runJob(job, { queue, held, handle: options.handle, isRecorded: recorded.has(job.attempt.jobId), isDraining: () => orders.draining, leaveSlot: pool.leaveSlot(job.attempt.jobId) }).pipe(
        Effect.map((verdict) => {
          if (verdict._tag !== "GiveBack" && verdict._tag !== "Abandon") finished++
        }),
        Effect.ensuring(Queue.offer(ended, undefined))
      )

    const begin = (job: TakenJob) =>
      pool.run(job.attempt.jobId, work(job)).pipe(
        Effect.asVoid,
        Effect.catchTags({
          // Its former run here, whose lock was lost, may not have ended yet. Given back, it would be taken again at once.
          KeyTaken: () => Effect.andThen(held.letGo(job.attempt.jobId), Effect.ignore(queue.acknowledge(job, Verdict.Postpone({ after: formerRunPause, reason: "its former run has not ended yet" })))),
          PoolClosed: () => Effect.ignore(queue.acknowledge(job, Verdict.GiveBack()))
        })
      )

    /** Uninterruptible from taking to beginning: a job that was taken is run or given back. */
    const takeSome = Effect.uninterruptible(Effect.gen(function*() {
      const count = Math.min(mostAtOnce, yield* pool.free)
      if (count === 0 || !mayTake(orders, options.queue)) return null
      const tried = performance.now()
      const taking = yield* queue.take(count, { holder: claims.holder, tenantLimit: options.tenantLimit, pausedTenants: tenantsPaused(orders, options.queue) }).pipe(
        Effect.tapError((error) => Effect.sync(() => fetching.failed("taking", error, tried)))
      )
      yield* onContact
      fetching.succeeded("taking")
      heldBack = taking.heldBack || taking.pausedByOthers
      if (taking.pausedByOthers !== pausedByOthers) yield* tellPause(options.queue, taking.pausedByOthers)
      pausedByOthers = taking.pausedByOthers
      if (taking.jobs.length > 0 || heldBack) moments.taken = performance.now()
      for (const job of taking.jobs) {
        yield* held.hold(job)
        yield* begin(job)
      }
      return taking
    }))

    const round = Effect.gen(function*() {
      yield* willing.await
      // Closed only when this consumer ends.
      yield* pool.awaitFree.pipe(Effect.catch(() => Effect.never))
      yield* solitude.open
      const taking = yield* takeSome
      if (taking === null || taking.jobs.length > 0) return
      if (heldBack) return yield* Effect.raceFirst(Effect.sleep(heldBackPause), Queue.take(ended))
      yield* queue.awaitWork(taking.nextDue === null ? waitLimit : Duration.min(waitLimit, taking.nextDue))
      yield* onContact
    }).pipe(Effect.catch((error: JobQueueError) => Effect.andThen(Effect.logDebug(error.message), Effect.sleep(troublePause))))

    const look = claims.recorded(options.queue).pipe(
      Effect.map((jobIds) => void (recorded = jobIds)),
      Effect.catch((error) => Effect.logDebug(error.message))
    )
    const recover = queue.recoverStalled.pipe(
      Effect.tapError((error) => Effect.sync(() => fetching.failed("recovering", error, performance.now()))),
      Effect.tap((jobIds) => {
        fetching.succeeded("recovering")
        return jobIds.length === 0 ? Effect.void : Effect.logWarning(`queue ${options.queue}: ${jobIds.length} jobs come back from a worker that is gone`)
      }),
      Effect.catch((error) => Effect.logDebug(error.message)),
      Effect.andThen(look),
      Effect.andThen(Effect.sleep(recoverEvery)),
      Effect.forever
    )

    const handBack = Effect.gen(function*() {
      const unfinished = yield* pool.size
      yield* Effect.forkDetach(pool.interruptAll)
      yield* pool.awaitIdle.pipe(Effect.timeoutOption(handBackLimit))
      // What has not ended by now is given back in its name: what it still writes is fenced, and it can move nothing.
      const stubborn = yield* held.jobs
      yield* Effect.forEach(stubborn, giveBackFor, { concurrency: "unbounded", discard: true }).pipe(Effect.timeoutOption(lastWordLimit))
      return unfinished
    })
    const giveBackFor = (job: TakenJob) =>
      Effect.gen(function*() {
        const { jobId, queue: name } = job.attempt
        yield* Effect.logWarning(`queue ${name}: job ${jobId} has not ended though it was interrupted; it is given back all the same`)
        yield* held.letGo(jobId)
        if (job.lost !== null || recorded.has(jobId)) yield* claims.putBack({ queue: name, jobId, tenant: job.tenant })
        yield* Effect.ignore(queue.acknowledge(job, Verdict.GiveBack()))
      })

    const status = Effect.gen(function*() {
      const [running, concurrency] = [yield* pool.size, yield* pool.capacity]
      const found = running < concurrency ? fetching.trouble() : null
      const state = isDraining(orders, options.queue)
        ? (running === 0 ? "drained" : "draining")
        : !mayTake(orders, options.queue) ? "paused" : found === null ? "taking" : found.kind === "no-answer" ? "waiting-for-server" : "refused"
      const trouble = state === "waiting-for-server" || state === "refused" ? found : null
      return { queue: options.queue, state, trouble, running, concurrency, finished } satisfies ConsumerStatus
    })

    const follow = (change: Partial<Orders>) =>
      Effect.suspend(() => {
        const slots = slotsInRows(orders, options.queue)
        orders = { ...orders, ...change }
        const wanted = slotsInRows(orders, options.queue)
        // Read again and again: what has not changed does not undo a later message.
        const resize = wanted === slots ? Effect.void : pool.setCapacity(wanted ?? options.concurrency)
        return Effect.andThen(resize, mayTake(orders, options.queue) && !ending ? willing.open : willing.close)
      })
    /** What takes its time is answered from elsewhere, so that the next message is not held up. */
    const answer = <A>(reply: Actor.Reply<A>, effect: Effect.Effect<A>) => Effect.asVoid(Effect.forkIn(Effect.flatMap(effect, (value) => Deferred.succeed(reply, value)), scope))

    const actor = yield* Actor.make(options.queue, ConsumerMessage.$match({
      Pause: () => follow({ paused: true }),
      Resume: () => follow({ paused: false, draining: false }),
      SetConcurrency: ({ concurrency }) => pool.setCapacity(concurrency),
      Drain: ({ reply }) => Effect.andThen(follow({ draining: true }), answer(reply, pool.awaitIdle)),
      HandBack: ({ reply }) => answer(reply, handBack),
      Status: ({ reply }) => Effect.asVoid(Effect.flatMap(status, (now) => Deferred.succeed(reply, now))),
      Obey: ({ controls }) => follow({ rows: controls })
    }))
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        ending = true
        return Effect.andThen(follow({ draining: true }), handBack)
      })
    )
    yield* board.put({ queue: options.queue, actor })

    const since = (moment: () => number) => Effect.sync(() => performance.now() - moment())
    const watched = watchProgress(options.queue, queue, {
      could: Effect.zipWith(pool.free, solitude.isOpen, (free, open) => free > 0 && open && mayTake(orders, options.queue) && !fetching.isFull()),
      silentFor: since(() => moments.contact),
      tookNothingFor: since(() => moments.taken),
      rested: Effect.sync(() => void (moments.contact = moments.taken = performance.now()))
    })
    const listened = SubscriptionRef.changes(controls).pipe(
      Stream.runForEach((rows) => rows === null ? Effect.void : Effect.asVoid(actor.tell(ConsumerMessage.Obey({ controls: rows }))))
    )
    yield* follow({ rows: yield* SubscriptionRef.get(controls) })
    const alive: Effect.Effect<void, ConsumerStuck, R | Needs> = Effect.raceAllFirst([Effect.forever(round), recover, watched, listened, tellTrouble(options.queue, fetching), actor.ended])
    return alive
  })

/**
 * The consumer of one queue, as a child of a supervisor: opens the queue, then takes and runs jobs until it is
 * interrupted. Ends by itself only when it makes no progress (`ConsumerStuck`). When its scope closes, jobs that still
 * run are handed back at once; letting them finish first is the drain's business.
 */
export const startConsumer = <R>(
  options: ConsumerOptions<R>
): Effect.Effect<Effect.Effect<void, ConsumerStuck, R | Needs>, JobQueueError, R | JobQueues | JobClaims | ConsumerBoard | LiveControls | Solitude | Scope.Scope> =>
  Effect.gen(function*() {
    if (options.runnable !== undefined) yield* options.runnable
    const queues = yield* JobQueues
    const queue = yield* queues.open(options.queue)
    return yield* makeConsumer(options, queue)
  })
