import { Schema } from "effect"
import type { PostgresQueueBackend, Queue, RedisQueueBackend } from "bullmq"
import type { LegacyRepeat, OldWays } from "../../src/services/OldQueues.ts"

/** Asked of the server, since BullMQ 6 shows neither the jobs that version 5 has put aside nor its repeatable jobs. */
export interface OldWaysOf {
  readonly look: () => Promise<OldWays>
  readonly takeOverPause: () => Promise<number>
  readonly removeRepeat: (key: string) => Promise<void>
}

const decodeLook = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Int, Schema.Int, Schema.Array(Schema.Tuple([Schema.String, Schema.Array(Schema.String)]))]))
const decodePage = Schema.decodeUnknownPromise(Schema.Tuple([Schema.String, Schema.Array(Schema.String)]))
const decodeCount = Schema.decodeUnknownPromise(Schema.Int)
const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

/** A job scheduler of today has a template or a count of its runs (`ic`); a repeatable job has neither. KEYS[1] the prefix. */
const lookScript = `
local prefix = KEYS[1]
local repeats = {}
for _, key in ipairs(redis.call('ZRANGE', prefix .. 'repeat', 0, -1)) do
  local hash = prefix .. 'repeat:' .. key
  if redis.call('HEXISTS', hash, 'ic') == 0 and redis.call('HEXISTS', hash, 'data') == 0 then
    local found = redis.call('HMGET', hash, 'name', 'pattern', 'every', 'tz')
    for i = 1, 4 do found[i] = found[i] or '' end
    table.insert(repeats, {key, found})
  end
end
return {redis.call('HEXISTS', prefix .. 'meta', 'paused'), redis.call('LLEN', prefix .. 'paused'), repeats}`

/** One step over the jobs that ticks have made. KEYS[1] the prefix; ARGV: cursor, pattern. Gives key, time, data, in turn. */
const ticksScript = `
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000, 'TYPE', 'hash')
local ticks = {}
for _, key in ipairs(page[2]) do
  local job = redis.call('HMGET', key, 'rjk', 'timestamp', 'data')
  if job[1] and job[2] and job[3] then
    for i = 1, 3 do table.insert(ticks, job[i]) end
  end
end
return {page[1], ticks}`

/** All at once: no job is in neither list between two commands. Behind what waits already, the oldest first. */
const takeOverScript = `
local prefix = KEYS[1]
local moved = 0
while true do
  local id = redis.call('RPOP', prefix .. 'paused')
  if not id then break end
  if redis.call('EXISTS', prefix .. id) == 1 then
    redis.call('LPUSH', prefix .. 'wait', id)
    moved = moved + 1
  end
end
redis.call('HDEL', prefix .. 'meta', 'paused')
redis.call('ZADD', prefix .. 'marker', 0, '0')
return moved`

/** KEYS[1] the prefix; ARGV: key of the repeatable job. Its next tick waits in the delayed set. */
const removeScript = `
local prefix, key = KEYS[1], ARGV[1]
local removed = 0
for _, id in ipairs(redis.call('ZRANGE', prefix .. 'delayed', 0, -1)) do
  if redis.call('HGET', prefix .. id, 'rjk') == key then
    redis.call('ZREM', prefix .. 'delayed', id)
    redis.call('DEL', prefix .. id, prefix .. id .. ':logs')
    removed = removed + 1
  end
end
redis.call('ZREM', prefix .. 'repeat', key)
redis.call('DEL', prefix .. 'repeat:' .. key)
return removed`

/** Before version 5 the key says it all: name, id, end, zone, cron or period. */
const ofOldKey = (key: string) => {
  const [name = "", , , timeZone = "", ...rest] = key.split(":")
  const when = rest.join(":")
  return /^\d+$/.test(when) ? { name, timeZone, every: when, pattern: "" } : { name, timeZone, every: "", pattern: when }
}

const isEmpty = (data: unknown): boolean => typeof data !== "object" || data === null || Object.keys(data).length === 0

type RedisQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, RedisQueueBackend>, "backend" | "toKey">

export const redisOldWays = (queue: RedisQueue): OldWaysOf => {
  const prefix = queue.toKey("")
  const run = async (name: string, lua: string, args: ReadonlyArray<string>): Promise<unknown> => {
    const client = await queue.backend.client
    client.defineCommand(name, { numberOfKeys: 1, lua })
    return client.runCommand(name, [prefix, ...args])
  }
  /** Of each repeatable job the newest data that any of its ticks still has. */
  const dataByKey = async () => {
    const newest = new Map<string, { readonly at: number; readonly data: unknown }>()
    let cursor = "0"
    do {
      const [next, ticks] = await decodePage(await run("ttTicks", ticksScript, [cursor, `${prefix}*`]))
      for (let at = 0; at + 2 < ticks.length; at += 3) {
        const [key = "", time = "", text = ""] = ticks.slice(at, at + 3)
        const decoded = decodeJson(text)
        if (decoded._tag === "None" || isEmpty(decoded.value)) continue
        if ((newest.get(key)?.at ?? -1) < Number(time)) newest.set(key, { at: Number(time), data: decoded.value })
      }
      cursor = next
    } while (cursor !== "0")
    return newest
  }
  return {
    look: async () => {
      const [paused, putAside, found] = await decodeLook(await run("ttOldWays", lookScript, []))
      const data = found.length === 0 ? new Map<string, { readonly data: unknown }>() : await dataByKey()
      const repeats = found.map(([key, [name, pattern, every, timeZone]]): LegacyRepeat => {
        const said = (name ?? "") === "" ? ofOldKey(key) : { name: name ?? "", pattern: pattern ?? "", every: every ?? "", timeZone: timeZone ?? "" }
        return {
          key,
          name: said.name,
          pattern: said.pattern === "" ? null : said.pattern,
          everyMillis: said.every === "" ? null : Number(said.every),
          timeZone: said.timeZone === "" ? null : said.timeZone,
          data: data.get(key)?.data ?? null
        }
      })
      return { paused: paused === 1, putAside, repeats }
    },
    takeOverPause: async () => decodeCount(await run("ttTakeOver", takeOverScript, [])),
    removeRepeat: async (key) => void await run("ttRemoveRepeat", removeScript, [key])
  }
}

type PostgresQueue = Pick<Queue<unknown, unknown, string, unknown, unknown, string, PostgresQueueBackend>, "backend" | "name">

/** No older version of BullMQ had its queues there: only a pause can be found. */
export const postgresOldWays = ({ backend, name }: PostgresQueue): OldWaysOf => {
  const rowsOf = async (statement: string) => {
    await backend.waitUntilReady()
    return (await backend.connection.pool.query<Record<string, unknown>>(statement, [name])).rows.length
  }
  return {
    look: async () => ({ paused: await rowsOf("SELECT 1 FROM meta WHERE queue = $1 AND field = 'paused' AND value = '1'") > 0, putAside: 0, repeats: [] }),
    takeOverPause: async () => {
      await rowsOf("DELETE FROM meta WHERE queue = $1 AND field = 'paused' RETURNING 1")
      return 0
    },
    removeRepeat: async () => {}
  }
}
