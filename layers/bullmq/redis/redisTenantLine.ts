import { type ConnectionOptions, type JobJson, type KeepJobs, raw2NextJobData, type RedisQueueBackend } from "bullmq"
import { Effect, Schema } from "effect"
import type { Redis } from "ioredis"
import type { QueueName } from "../../../src/contract/index.ts"
import { acknowledgeTogether, alone } from "../completion.ts"
import { delayByServerClock } from "../serverClock.ts"
import type { TakingWorker } from "../TakingWorker.ts"
import type { TenantLine } from "../TenantLine.ts"
import { workerSettings } from "../workerSettings.ts"
import { completeScript } from "./completeScript.ts"
import { RedisScript } from "./RedisScript.ts"
import { bringToFrontScript, takeScript } from "./tenantLineScripts.ts"

const takeSome = new RedisScript(takeScript)
const completeSome = new RedisScript(completeScript)
const bringToFront = new RedisScript(bringToFrontScript)

/** Of each job: its id, its token, who held it before where it was lost, and its hash as Redis lists it. */
const decodeTaking = Schema.decodeUnknownPromise(Schema.Tuple([
  Schema.Array(Schema.Tuple([Schema.String, Schema.String, Schema.String, Schema.Array(Schema.String)])),
  Schema.Int,
  Schema.Int,
  Schema.Int
]))

const decodeCodes = Schema.decodeUnknownPromise(Schema.Array(Schema.Int))

/** By BullMQ's own reading of a job's hash. */
const jsonOf = (id: string, hash: ReadonlyArray<string>): JobJson => {
  const [json]: ReadonlyArray<JobJson | undefined> = raw2NextJobData([hash, id, 0, 0])
  if (json === undefined) throw new Error(`job ${id} was taken, and is not there`)
  json.id = id
  return json
}

/** BullMQ's default prefix, which the API's producers use. */
const prefixOf = (queue: QueueName): string => `bull:${queue}:`

const serverTime = async (redis: Redis): Promise<number> => {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

/** `TenantLine` by scripts on this connection, which must not be one that blocks. */
export const redisTenantLine = (options: {
  readonly queue: QueueName
  readonly worker: TakingWorker<RedisQueueBackend, ConnectionOptions>
  readonly redis: Redis
  /** For jobs that do not say it themselves. */
  readonly keepCompleted: KeepJobs
}): TenantLine => {
  const { keepCompleted, queue, redis, worker } = options
  const prefix = prefixOf(queue)
  delayByServerClock(worker.backend, () => serverTime(redis))

  /** Among those that are old are some that only BullMQ forgets: it does when it completes the next one. */
  let needsBullmq = false
  const acknowledge = acknowledgeTogether({
    backend: worker.backend,
    keepCompleted,
    complete: async (all) => {
      if (needsBullmq) {
        needsBullmq = false
        return all.map(() => alone)
      }
      const codes = await decodeCodes(await completeSome.run(redis, prefix, all.flatMap(({ job, kept, summary, token }) =>
        [job.id ?? "", token, JSON.stringify(summary), kept.removes || kept.count === 0 ? "1" : "0", kept.age ?? "", kept.count ?? ""])))
      needsBullmq = codes.at(-1) === 1
      return codes.slice(0, -1)
    }
  })

  return {
    handOut: async (tokens, { holder, pausedTenants, tenantLimit }) => {
      const [taken, heldBack, nextDue, paused] = await decodeTaking(
        await takeSome.run(redis, prefix, [workerSettings.lockDuration, holder, tenantLimit ?? 0, tokens.length, ...tokens, ...pausedTenants])
      )
      const takings = await Promise.allSettled(taken.map(async ([id, token, formerly, hash]) => ({ job: await worker.beginTaken(jsonOf(id, hash), token), token, formerly })))
      const handedOut = takings.flatMap((taking) => taking.status === "fulfilled" && taking.value.job !== undefined ? [{ ...taking.value, job: taking.value.job }] : [])
      // What can be read is what counts; the trouble comes again if it stays.
      const failed = takings.find(({ status }) => status === "rejected")
      if (handedOut.length === 0 && failed?.status === "rejected") throw failed.reason
      return {
        handedOut,
        heldBack: heldBack === 1,
        nextDueMillis: nextDue < 0 ? null : nextDue,
        pausedByOthers: paused === 1
      }
    },
    acknowledge,
    // Locks are keys that Redis itself lets expire.
    renew: (jobIds, tokens) => worker.backend.extendLocks([...jobIds], [...tokens], workerSettings.lockDuration),
    recoverStalled: () => worker.backend.moveStalledJobsToWait(),
    bringToFront: async (jobIds) => {
      if (jobIds.length > 0) await bringToFront.run(redis, prefix, jobIds)
    },
    // BullMQ's marker: whoever pops it looks for a job, and puts it back when there are more.
    wake: async () => {
      await redis.zadd(`${prefix}marker`, 0, "0")
    },
    counts: Effect.tryPromise({
      try: async () => {
        const [plain, prioritized, active, delayed, failed] = await Promise.all([
          redis.llen(`${prefix}wait`),
          redis.zcard(`${prefix}prioritized`),
          redis.llen(`${prefix}active`),
          redis.zcard(`${prefix}delayed`),
          redis.zcard(`${prefix}failed`)
        ])
        return { waiting: plain + prioritized, active, delayed, failed }
      },
      catch: (cause) => cause
    })
  }
}
