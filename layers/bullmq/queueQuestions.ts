import { Schema } from "effect"
import type { PostgresQueueBackend, Queue, RedisQueueBackend } from "bullmq"
import { randomUUID } from "node:crypto"

/** What BullMQ has no call for, asked of the server that keeps the queue. */
export interface QueueQuestions {
  /** Which of these jobs are still to be run or running. */
  readonly alive: (jobIds: ReadonlyArray<string>) => Promise<ReadonlyArray<string>>
  /** An id kept among the queue's own settings (`meta`), made when it is missing: what empties the queue takes it along. */
  readonly incarnation: () => Promise<string>
  /** When the job that waits longest was added; null when none waits. */
  readonly oldestAt: () => Promise<number | null>
}

const decodeIds = Schema.decodeUnknownPromise(Schema.Array(Schema.String))
const decodeMillis = Schema.decodeUnknownPromise(Schema.NullOr(Schema.Union([Schema.Finite, Schema.FiniteFromString])))
const decodeId = Schema.decodeUnknownPromise(Schema.NonEmptyString)

const incarnationField = "tt-worker:incarnation"

/**
 * BullMQ's own getState reads the whole of its lists for each job; here they are read once for all, in pieces, and only
 * when a job is in none of the sorted sets. In one script, since a job may move between two commands.
 */
const aliveScript = `
local alive, open, remaining = {}, {}, 0
for _, id in ipairs(ARGV) do
  local job = redis.call('HMGET', KEYS[1] .. id, 'timestamp', 'finishedOn')
  if job[1] and not job[2] then
    local inSet = false
    for key = 2, 4 do inSet = inSet or redis.call('ZSCORE', KEYS[key], id) end
    if inSet then
      alive[#alive + 1] = id
    elseif not open[id] then
      open[id] = true
      remaining = remaining + 1
    end
  end
end
for key = 5, 7 do
  local from = 0
  while remaining > 0 do
    local part = redis.call('LRANGE', KEYS[key], from, from + 4999)
    for _, id in ipairs(part) do
      if open[id] then
        open[id] = nil
        remaining = remaining - 1
        alive[#alive + 1] = id
      end
    end
    if #part < 5000 then break end
    from = from + 5000
  end
end
return alive`

const incarnationScript = `
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])`

/** The ends of both lists, and the first of those with a priority: with turns between tenants the eldest is near one of them. */
const oldestScript = `
local oldest = false
local function look(id)
  if not id then return end
  local timestamp = tonumber(redis.call('HGET', KEYS[1] .. id, 'timestamp'))
  if timestamp and (not oldest or timestamp < oldest) then oldest = timestamp end
end
for key = 2, 3 do
  for _, id in ipairs(redis.call('LRANGE', KEYS[key], 0, 99)) do look(id) end
  for _, id in ipairs(redis.call('LRANGE', KEYS[key], -100, -1)) do look(id) end
end
for _, id in ipairs(redis.call('ZRANGE', KEYS[4], 0, 99)) do look(id) end
return oldest and tostring(oldest) or nil`

type RedisQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, RedisQueueBackend>, "backend" | "toKey">

export const askRedis = ({ backend, toKey }: RedisQueue): QueueQuestions => {
  const ask = async (name: string, keys: ReadonlyArray<string>, lua: string, args: ReadonlyArray<string>): Promise<unknown> => {
    const client = await backend.client
    client.defineCommand(name, { numberOfKeys: keys.length, lua })
    return client.runCommand(name, [...keys, ...args])
  }
  const aliveKeys = ["", "delayed", "prioritized", "waiting-children", "active", "wait", "paused"].map((type) => toKey(type))
  return {
    alive: async (jobIds) => decodeIds(await ask("ttAlive", aliveKeys, aliveScript, jobIds)),
    incarnation: async () => decodeId(await ask("ttIncarnation", [toKey("meta")], incarnationScript, [incarnationField, randomUUID()])),
    oldestAt: async () => decodeMillis(await ask("ttOldest", ["", "wait", "paused", "prioritized"].map((type) => toKey(type)), oldestScript, []))
  }
}

type PostgresQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, PostgresQueueBackend>, "backend" | "name">

/** The pool is BullMQ's own; it has seen to its tables. */
export const askPostgres = ({ backend, name }: PostgresQueue): QueueQuestions => {
  const ask = async (statement: string, ...parameters: ReadonlyArray<unknown>): Promise<ReadonlyArray<{ readonly answer: unknown }>> => {
    await backend.waitUntilReady()
    return (await backend.connection.pool.query<{ readonly answer: unknown }>(statement, parameters)).rows
  }
  return {
    alive: async (jobIds) =>
      decodeIds(
        (await ask("SELECT id AS answer FROM job WHERE queue = $1 AND id = ANY($2::text[]) AND state NOT IN ('completed', 'failed')", name, jobIds))
          .map(({ answer }) => answer)
      ),
    incarnation: async () => {
      await ask("INSERT INTO meta (queue, field, value) VALUES ($1, $2, $3) ON CONFLICT (queue, field) DO NOTHING", name, incarnationField, randomUUID())
      const [row] = await ask("SELECT value AS answer FROM meta WHERE queue = $1 AND field = $2", name, incarnationField)
      return decodeId(row?.answer)
    },
    oldestAt: async () => {
      const [row] = await ask("SELECT min(added_at_ms)::text AS answer FROM (SELECT added_at_ms FROM job WHERE queue = $1 AND state = 'waiting' LIMIT 10000) AS sample", name)
      return decodeMillis(row?.answer ?? null)
    }
  }
}
