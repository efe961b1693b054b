import { Schema } from "effect"
import type { PostgresQueueBackend, Queue, RedisQueueBackend } from "bullmq"

export interface TenantJob {
  readonly id: string
  /** Locked by a worker. */
  readonly running: boolean
}

/** What a queue's server keeps of one tenant. */
export interface TenantTraces {
  /** In every state, also those that no list of BullMQ 6 shows (paused by version 5). */
  readonly jobsOf: (tenantId: string) => Promise<ReadonlyArray<TenantJob>>
  /** How many of these were removed; what runs is not. */
  readonly remove: (jobIds: ReadonlyArray<string>) => Promise<number>
  /** Everything besides jobs: events whose text names the tenant, its line, its limits. */
  readonly scrub: (tenantId: string) => Promise<void>
}

const decodePage = Schema.decodeUnknownPromise(Schema.Tuple([Schema.String, Schema.Array(Schema.String), Schema.Array(Schema.String)]))
const decodeCursor = Schema.decodeUnknownPromise(Schema.String)
const decodeJobs = Schema.decodeUnknownPromise(Schema.Array(Schema.Struct({ id: Schema.String, running: Schema.Boolean })))

/** One step over the queue's keys. KEYS[1] the prefix; ARGV: cursor, pattern of the prefix's keys, tenant. */
const jobsScript = `
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000, 'TYPE', 'hash')
local waiting, running = {}, {}
for _, key in ipairs(page[2]) do
  -- A job scheduler has data as well, and no time at which it was added.
  local job = redis.call('HMGET', key, 'data', 'timestamp')
  if job[1] and job[2] then
    local ok, decoded = pcall(cjson.decode, job[1])
    if ok and type(decoded) == 'table' and decoded.tenantId == ARGV[3] then
      local id = string.sub(key, string.len(KEYS[1]) + 1)
      table.insert(redis.call('EXISTS', key .. ':lock') == 1 and running or waiting, id)
    end
  end
end
return {page[1], waiting, running}`

/** One step over the events. KEYS[1] the stream; ARGV: where to begin, tenant. Gives where to go on, empty at the end. */
const eventsScript = `
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', 1000)
for _, entry in ipairs(entries) do
  for _, text in ipairs(entry[2]) do
    if string.find(text, ARGV[2], 1, true) then
      redis.call('XDEL', KEYS[1], entry[1])
      break
    end
  end
end
if #entries < 1000 then return '' end
return '(' .. entries[#entries][1]`

/** KEYS[1] the prefix; ARGV: tenant. */
const lineScript = `
redis.call('DEL', KEYS[1] .. 'tt:line:' .. ARGV[1])
redis.call('ZREM', KEYS[1] .. 'tt:rota', ARGV[1])
redis.call('ZREM', KEYS[1] .. 'tt:turns', ARGV[1])
return ''`

/** One step over the keys of limits and breakers. KEYS[1] is only for the slot; ARGV: cursor, pattern. */
const keysScript = `
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)
return {page[1], page[2], {}}`
const deleteScript = `return tostring(redis.call('DEL', KEYS[1]))`

const escaped = (text: string): string => text.replaceAll(/[*?[\]\\^]/g, (character) => `\\${character}`)

type RedisQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, RedisQueueBackend>, "backend" | "toKey" | "remove">

export const redisTenantTraces = (queue: RedisQueue): TenantTraces => {
  const { backend } = queue
  const toKey = (type: string) => queue.toKey(type)
  const prefix = toKey("")
  const run = async (name: string, keys: ReadonlyArray<string>, lua: string, args: ReadonlyArray<string>): Promise<unknown> => {
    const client = await backend.client
    client.defineCommand(name, { numberOfKeys: keys.length, lua })
    return client.runCommand(name, [...keys, ...args])
  }
  const everyPage = async (page: (cursor: string) => Promise<readonly [string, ReadonlyArray<string>, ReadonlyArray<string>]>, use: (one: ReadonlyArray<string>, other: ReadonlyArray<string>) => Promise<void>) => {
    let cursor = "0"
    do {
      const [next, one, other] = await page(cursor)
      await use(one, other)
      cursor = next
    } while (cursor !== "0")
  }
  const deleteKeys = async (beginning: string, tenantId: string) => {
    const names = new RegExp(`(^|[^A-Za-z0-9_-])${tenantId.replaceAll(/[^A-Za-z0-9_-]/gu, String.raw`\$&`)}($|[^A-Za-z0-9_-])`)
    await everyPage(
      async (cursor) => decodePage(await run("ttKeys", [prefix], keysScript, [cursor, `${escaped(beginning)}*${escaped(tenantId)}*`])),
      async (keys) => {
        for (const key of keys.filter((key) => names.test(key.slice(beginning.length)))) await run("ttDelete", [key], deleteScript, [])
      }
    )
  }
  return {
    jobsOf: async (tenantId) => {
      // SCAN may show a key twice.
      const found = new Map<string, boolean>()
      await everyPage(
        async (cursor) => decodePage(await run("ttTenantJobs", [prefix], jobsScript, [cursor, `${escaped(prefix)}*`, tenantId])),
        async (waiting, running) => {
          for (const id of waiting) found.set(id, false)
          for (const id of running) found.set(id, true)
        }
      )
      return [...found].map(([id, running]) => ({ id, running }))
    },
    remove: async (jobIds) => {
      let removed = 0
      for (const id of jobIds) removed += await queue.remove(id)
      return removed
    },
    scrub: async (tenantId) => {
      let from = "-"
      do from = await decodeCursor(await run("ttEvents", [toKey("events")], eventsScript, [from, tenantId]))
      while (from !== "")
      await run("ttForgetLine", [prefix], lineScript, [tenantId])
      await deleteKeys(`${prefix}de:`, tenantId)
      await deleteKeys("tt-worker:", tenantId)
    }
  }
}

type PostgresQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, PostgresQueueBackend>, "backend" | "name">

/** The tenant's turns and limits are rows of the worker's own tables there. */
export const postgresTenantTraces = ({ backend, name }: PostgresQueue): TenantTraces => {
  const ask = async (statement: string, ...parameters: ReadonlyArray<unknown>) => {
    await backend.waitUntilReady()
    return (await backend.connection.pool.query<Record<string, unknown>>(statement, parameters)).rows
  }
  return {
    jobsOf: async (tenantId) => decodeJobs(await ask("SELECT id, state = 'active' AS running FROM job WHERE queue = $1 AND data->>'tenantId' = $2", name, tenantId)),
    // BullMQ's own function refuses a job whose scheduler made it, also when that is gone.
    remove: async (jobIds) => {
      const removed = await ask("DELETE FROM job WHERE queue = $1 AND id = ANY($2::text[]) AND state <> 'active' RETURNING id", name, jobIds)
      const ids = removed.map(({ id }) => id)
      await ask("DELETE FROM job_log WHERE queue = $1 AND job_id = ANY($2::text[])", name, ids)
      await ask("DELETE FROM dedup WHERE queue = $1 AND job_id = ANY($2::text[])", name, ids)
      return ids.length
    },
    scrub: async (tenantId) => {
      await ask("DELETE FROM event WHERE queue = $1 AND position($2::text IN data::text) > 0", name, tenantId)
      await ask("DELETE FROM dedup_next WHERE queue = $1 AND payload->'data'->>'tenantId' = $2", name, tenantId)
    }
  }
}
