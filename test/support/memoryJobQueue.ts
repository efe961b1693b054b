import { Clock, Deferred, Duration, Effect } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import { defaultBackoff } from "../../src/domain/Backoff.ts"
import type { Verdict } from "../../src/domain/Verdict.ts"
import { type JobQueue, JobQueueError, type TakenJob } from "../../src/services/JobQueue.ts"

type State = "waiting" | "active" | "delayed" | "completed" | "failed"

interface MemoryJob {
  readonly id: string
  readonly data: unknown
  readonly tenant: string
  state: State
  attemptsMade: number
  token: string | null
  holder: string | null
  /** How often a holder has lost it, and who did since it was last taken. */
  losses: number
  lostBy: string | null
  /** Milliseconds: when its lock runs out, and when it is due. */
  lockedUntil: number
  dueAt: number
}

/** What is broken now; each call of this name fails. */
type Call = "take" | "awaitWork" | "renew" | "acknowledge" | "recoverStalled" | "counts"

/**
 * A queue in memory that keeps the promises of `JobQueue` below a TestClock: locks run out, tokens are checked, what is
 * handed back comes first. No turns between tenants. Can be told to fail.
 */
export const makeMemoryQueue = (name: QueueName, lockDuration: Duration.Duration = Duration.seconds(8)) => {
  const jobs: Array<MemoryJob> = []
  const told: Array<{ readonly jobId: string; readonly verdict: Verdict; readonly at: number }> = []
  const broken = new Set<Call>()
  /** It answers what is broken, by saying that it is full. */
  let full = false
  const calls = new Map<Call, number>()
  const waiters = new Set<Deferred.Deferred<void>>()
  let tokens = 0
  /** Says that nothing waits, whatever does. */
  let isBlind = false

  const call = <A>(what: Call, body: (now: number) => A): Effect.Effect<A, JobQueueError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      calls.set(what, (calls.get(what) ?? 0) + 1)
      return broken.has(what)
        ? Effect.fail(new JobQueueError({ queue: name, kind: full ? "full" : "no-answer", detail: `${what} is broken` }))
        : Effect.sync(() => body(now))
    })
  const wake = () => {
    for (const waiter of waiters) Deferred.doneUnsafe(waiter, Effect.void)
    waiters.clear()
  }
  const find = (id: string) => jobs.find((job) => job.id === id)
  const toFront = (job: MemoryJob) => {
    jobs.splice(jobs.indexOf(job), 1)
    jobs.unshift(job)
    job.state = "waiting"
    job.token = null
    wake()
  }
  const lose = (job: MemoryJob, holder: string | null) => {
    job.losses++
    job.lostBy = holder
    toFront(job)
  }
  const toTaken = (job: MemoryJob, token: string): TakenJob => ({
    token,
    tenant: job.tenant,
    lost: job.losses === 0 ? null : { by: job.lostBy },
    attempt: {
      queue: name,
      jobId: job.id,
      jobName: "job",
      data: job.data,
      number: job.attemptsMade + 1,
      maxAttempts: 3,
      backoff: { ...defaultBackoff, jitter: 0 },
      addedAt: 0,
      traceparent: null,
      previousTrace: null,
      condemned: null
    }
  })

  const carryOut = (job: MemoryJob, verdict: Verdict, now: number): void => {
    job.token = null
    if (verdict._tag === "GiveBack") return toFront(job)
    if (verdict._tag !== "Postpone") job.attemptsMade++
    if (verdict._tag === "Retry" || verdict._tag === "Postpone") {
      job.state = "delayed"
      job.dueAt = now + Duration.toMillis(verdict.after)
    } else job.state = verdict._tag === "Complete" ? "completed" : "failed"
  }

  const queue: JobQueue = {
    lockDuration,
    take: (count, { holder, pausedTenants, tenantLimit }) =>
      call("take", (now) => {
        for (const job of jobs) if (job.state === "delayed" && job.dueAt <= now) job.state = "waiting"
        const inFlight = (tenant: string) => jobs.filter((job) => job.state === "active" && job.tenant === tenant).length
        const taken: Array<TakenJob> = []
        let heldBack = false
        for (const job of isBlind ? [] : jobs.filter(({ state }) => state === "waiting")) {
          if (pausedTenants.has(job.tenant) || tenantLimit !== null && inFlight(job.tenant) >= tenantLimit) heldBack = true
          else if (taken.length < count) {
            job.state = "active"
            job.token = `token-${++tokens}`
            job.lockedUntil = now + Duration.toMillis(lockDuration)
            taken.push(toTaken(job, job.token))
            job.holder = holder
            job.lostBy = null
          }
        }
        const due = jobs.filter(({ state }) => state === "delayed").map(({ dueAt }) => dueAt - now)
        return {
          jobs: taken,
          heldBack,
          nextDue: due.length === 0 ? null : Duration.millis(Math.min(...due)),
          pausedByOthers: false
        }
      }),
    awaitWork: (atMost) =>
      Effect.flatMap(call("awaitWork", () => {
        const waiter = Deferred.makeUnsafe<void>()
        waiters.add(waiter)
        return waiter
      }), (waiter) => Effect.asVoid(Effect.timeoutOption(Deferred.await(waiter), atMost))),
    renew: (mine) =>
      call("renew", (now) =>
        mine.flatMap(({ attempt, token }) => {
          const job = find(attempt.jobId)
          if (job?.token !== token) return [attempt.jobId]
          job.lockedUntil = now + Duration.toMillis(lockDuration)
          return []
        })),
    acknowledge: ({ attempt, token }, verdict) =>
      call("acknowledge", (now) => {
        const job = find(attempt.jobId)
        if (job === undefined || job.token !== token) return "lock-lost"
        told.push({ jobId: attempt.jobId, verdict, at: now })
        carryOut(job, verdict, now)
        return "done"
      }),
    recoverStalled: call("recoverStalled", (now) => {
      const stalled = jobs.filter((job) => job.state === "active" && job.lockedUntil < now)
      for (const job of stalled) lose(job, job.holder)
      return stalled.map(({ id }) => id)
    }),
    counts: call("counts", () => {
      const inState = (state: State) => jobs.filter((job) => job.state === state).length
      return { waiting: inState("waiting"), active: inState("active"), delayed: inState("delayed"), failed: inState("failed") }
    })
  }

  const add = (...ids: ReadonlyArray<string>) =>
    Effect.sync(() => {
      for (const id of ids) {
        jobs.push({ id, data: { tenantId: "t" }, tenant: "t", state: "waiting", attemptsMade: 0, token: null, holder: null, losses: 0, lostBy: null, lockedUntil: 0, dueAt: 0 })
      }
      wake()
    })

  return {
    queue,
    /** What the queue was told and has carried out. */
    told,
    verdictsOf: (jobId: string) => told.filter((one) => one.jobId === jobId).map(({ verdict }) => verdict._tag),
    calls: (what: Call) => calls.get(what) ?? 0,
    add,
    /** These wait, and this holder has lost them. */
    addLost: (holder: string, ...ids: ReadonlyArray<string>) =>
      Effect.andThen(add(...ids), Effect.sync(() => ids.toReversed().map(find).forEach((job) => job === undefined ? undefined : lose(job, holder)))),
    stateOf: (id: string) => find(id)?.state,
    attemptsOf: (id: string) => find(id)?.attemptsMade,
    /** Another worker has it now. */
    stealLock: (id: string) =>
      Effect.sync(() => {
        const job = find(id)
        if (job !== undefined) job.token = "another"
      }),
    break: (...what: ReadonlyArray<Call>) => Effect.sync(() => what.forEach((one) => broken.add(one))),
    fill: Effect.sync(() => {
      full = true
      for (const one of ["take", "renew", "acknowledge"] as const) broken.add(one)
    }),
    mend: Effect.sync(() => {
      full = false
      broken.clear()
    }),
    blind: (now: boolean) => Effect.sync(() => void (isBlind = now))
  }
}

export type MemoryQueue = ReturnType<typeof makeMemoryQueue>

/** Everything that a server that is away does not do. */
export const everyCall = ["take", "awaitWork", "renew", "acknowledge", "recoverStalled", "counts"] as const
