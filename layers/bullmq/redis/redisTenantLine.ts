import type { ConnectionOptions, RedisQueueBackend } from "bullmq"
import { Effect, Schema } from "effect"
import type { Redis } from "ioredis"
import type { QueueName } from "../../../src/contract/index.ts"
import { acknowledge } from "../acknowledge.ts"
import { delayByServerClock } from "../serverClock.ts"
import type { TakingWorker } from "../TakingWorker.ts"
import type { TenantLine } from "../TenantLine.ts"
import { RedisScript } from "./RedisScript.ts"
import { workerSettings } from "../workerSettings.ts"
import { arrangeScript, bringToFrontScript } from "./tenantLineScripts.ts"

const arrange = new RedisScript(arrangeScript)
const bringToFront = new RedisScript(bringToFrontScript)

const decodeArrangement = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Int, Schema.Int, Schema.Int, Schema.Int, Schema.Int]))

/** BullMQ's default prefix, which the API's producers use. */
const prefixOf = (queue: QueueName): string => `bull:${queue}:`

const serverTime = async (redis: Redis): Promise<number> => {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

/** Where BullMQ's `moveToActive` has the time by which jobs are due: behind eleven keys and the prefix. */
const timeOfTaking = 12

/** `TenantLine` by scripts on this connection, which must not be one that blocks, and by BullMQ's own taking after them. */
export const redisTenantLine = (options: {
  readonly queue: QueueName
  readonly worker: TakingWorker<RedisQueueBackend, ConnectionOptions>
  readonly redis: Redis
}): TenantLine => {
  const { queue, redis, worker } = options
  const { backend } = worker
  const prefix = prefixOf(queue)
  delayByServerClock(backend, () => serverTime(redis))
  /** How much the server's clock is ahead of ours, as seen last. */
  let ahead = 0
  const execute = backend.execCommand.bind(backend)
  backend.execCommand = (client, command, args) => execute(client, command, command === "moveToActive" ? args.with(timeOfTaking, Date.now() + ahead) : args)

  return {
    handOut: async (tokens, { pausedTenants, tenantLimit }) => {
      const [chosen, heldBack, nextDue, paused, now] = await decodeArrangement(
        await arrange.run(redis, prefix, [tokens.length, tenantLimit ?? 0, ...pausedTenants])
      )
      ahead = now - Date.now()
      const takings = await Promise.allSettled(tokens.slice(0, chosen).map(async (token) => ({ job: await worker.takeNext(token), token })))
      const handedOut = takings.flatMap((taking) => taking.status === "fulfilled" && taking.value.job !== undefined ? [{ token: taking.value.token, job: taking.value.job }] : [])
      // What was taken is what counts; the trouble comes again if it stays.
      const failed = takings.find(({ status }) => status === "rejected")
      if (handedOut.length === 0 && failed?.status === "rejected") throw failed.reason
      return { handedOut, heldBack: heldBack === 1, nextDueMillis: nextDue < 0 ? null : nextDue, pausedByOthers: paused === 1 }
    },
    acknowledge,
    // Locks are keys that Redis itself lets expire.
    renew: (jobIds, tokens) => backend.extendLocks([...jobIds], [...tokens], workerSettings.lockDuration),
    recoverStalled: () => backend.moveStalledJobsToWait(),
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
