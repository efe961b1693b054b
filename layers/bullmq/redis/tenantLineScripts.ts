/**
 * Redis scripts that keep one line per tenant beside BullMQ's own lists (bullmq 6.7: jobs are pushed to the left of
 * `wait` and taken from its right, then from the lowest score of `prioritized`).
 *
 * `wait` and `prioritized` stay the truth about which jobs wait. Beside them, below `tt:`, stands what can be made anew
 * from them: `tt:line:<tenant>` (that tenant's waiting jobs by score), `tt:rota` (tenants with a line, by the number of
 * their last turn), `tt:turns` (the same, remembered for tenants whose line has become empty), `tt:mark` (the newest job
 * of `wait` that has been put into a line). An entry whose job is gone is dropped when its turn comes.
 */

/**
 * Scores, lowest first: jobs that were handed back or recovered, others that have begun before, those that were added to
 * be first (the last of them first), plain ones, then BullMQ's own scores of priorities.
 */
const common = `
local prefix = KEYS[1]
local wait, prioritized = prefix .. 'wait', prefix .. 'prioritized'
local rota, turns = prefix .. 'tt:rota', prefix .. 'tt:turns'
local band = 4294967296

local function lineOf(tenant) return prefix .. 'tt:line:' .. tenant end

-- The tenant is decoded once a job, then kept beside its data. 'ats' counts how often the job was handed out.
local function look(id)
  local key = prefix .. id
  local known = redis.call('HMGET', key, 'tt:tenant', 'ats')
  local hasBegun = (tonumber(known[2]) or 0) > 0
  if known[1] then return known[1], hasBegun end
  local data = redis.call('HGET', key, 'data')
  if not data then return '', hasBegun end
  local ok, decoded = pcall(cjson.decode, data)
  local tenant = ''
  if ok and type(decoded) == 'table' and type(decoded.tenantId) == 'string' then tenant = decoded.tenantId end
  redis.call('HSET', key, 'tt:tenant', tenant)
  return tenant, hasBegun
end

local function enter(tenant, id, score)
  redis.call('ZADD', lineOf(tenant), score, id)
  if not redis.call('ZSCORE', rota, tenant) then
    redis.call('ZADD', rota, redis.call('ZSCORE', turns, tenant) or 0, tenant)
  end
end

local function nextNumber() return redis.call('INCR', prefix .. 'tt:seq') % band end

-- Its tenant comes first as well.
local function enterFirst(tenant, id)
  enter(tenant, id, nextNumber() - 3 * band)
  redis.call('ZADD', rota, -1, tenant)
end

local function enterAgain(tenant, id) enter(tenant, id, nextNumber() - 2 * band) end

local function isInLine(tenant, id) return redis.call('ZSCORE', lineOf(tenant), id) end
`

/**
 * Takes as many jobs as there are tokens, or fewer, and does for each what BullMQ's `moveToActive` does (its lock, the
 * queue's bounds and rate, the event), so that several cost one call. Time is the server's.
 *
 * KEYS[1] the queue's prefix; ARGV: lock duration, who takes, most of one tenant in flight (0 for no limit), how many tokens,
 * tokens …, paused tenants …
 */
export const takeScript = `${common}
local lockMillis, holder, limit, count = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, paused = {}, {}
for i = 5, 4 + count do table.insert(tokens, ARGV[i]) end
for i = 5 + count, #ARGV do paused[ARGV[i]] = true end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local events, delayed, active = prefix .. 'events', prefix .. 'delayed', prefix .. 'active'
local limiter, marked = prefix .. 'limiter', redis.call('GET', prefix .. 'tt:mark')
local mark = marked

local function nextDue()
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  return first[2] and math.max(0, math.floor(first[2] / 4096) - now) or -1
end

-- Due jobs wait from now on, as BullMQ itself does it when it hands out a job.
local due = redis.call('ZRANGEBYSCORE', delayed, 0, (now + 1) * 4096 - 1, 'LIMIT', 0, 500)
for _, id in ipairs(due) do
  redis.call('ZREM', delayed, id)
  local key = prefix .. id
  local priority = tonumber(redis.call('HGET', key, 'priority')) or 0
  if priority == 0 then
    redis.call('LPUSH', wait, id)
  else
    redis.call('ZADD', prioritized, priority * band + redis.call('INCR', prefix .. 'pc') % band, id)
  end
  local tenant, hasBegun = look(id)
  if hasBegun then enterAgain(tenant, id) end
  redis.call('XADD', events, 'MAXLEN', '~', 10000, '*', 'event', 'waiting', 'jobId', id, 'prev', 'delayed')
  redis.call('HSET', key, 'delay', 0)
end

local meta = redis.call('HMGET', prefix .. 'meta', 'paused', 'concurrency', 'max', 'duration')
if meta[1] then return {{}, 0, nextDue(), 1} end

-- Where somebody has bounded the queue's jobs at once, or its rate.
local bound, rate = tonumber(meta[2]), tonumber(meta[3])
if bound then count = math.min(count, bound - redis.call('LLEN', active)) end
if rate then
  -- A counter that was left without an end of its own bounds nothing, as in BullMQ.
  if redis.call('PTTL', limiter) > 0 then
    count = math.min(count, rate - (tonumber(redis.call('GET', limiter)) or 0))
  else
    redis.call('DEL', limiter)
    count = math.min(count, rate)
  end
end

-- What has come since the mark, the oldest first.
local fresh = redis.call('LLEN', wait)
if marked then fresh = redis.call('LPOS', wait, marked) or fresh end
if fresh > 0 then
  local ids = redis.call('LRANGE', wait, math.max(0, fresh - 500), fresh - 1)
  for i = #ids, 1, -1 do
    local id = ids[i]
    local tenant, hasBegun = look(id)
    if not isInLine(tenant, id) then
      if hasBegun then enterAgain(tenant, id) else enter(tenant, id, nextNumber()) end
    end
  end
  mark = ids[1]
end

-- What was put to the right end: handed back, recovered, or added to be first. The longest there comes first.
local returned = {}
for i = 1, 100 do
  local id = redis.call('LINDEX', wait, -i)
  if not id or isInLine(look(id), id) then break end
  table.insert(returned, 1, id)
end
for _, id in ipairs(returned) do
  local tenant, hasBegun = look(id)
  if hasBegun then enterFirst(tenant, id) else enter(tenant, id, -nextNumber()) end
end

-- Priorities come anywhere: the first ones each time, the others in rounds.
local ranked = redis.call('ZCARD', prioritized)
if ranked > 0 then
  local offset = (tonumber(redis.call('GET', prefix .. 'tt:offset')) or 0) % ranked
  for _, from in ipairs({0, offset}) do
    local entries = redis.call('ZRANGE', prioritized, from, from + 99, 'WITHSCORES')
    for i = 1, #entries, 2 do
      local tenant, hasBegun = look(entries[i])
      if not isInLine(tenant, entries[i]) then
        if hasBegun then enterAgain(tenant, entries[i]) else enter(tenant, entries[i], tonumber(entries[i + 1])) end
      end
    end
  end
  redis.call('SET', prefix .. 'tt:offset', offset + 100)
end

local busy = {}
if limit > 0 then
  for _, id in ipairs(redis.call('LRANGE', active, 0, -1)) do
    local tenant = look(id)
    busy[tenant] = (busy[tenant] or 0) + 1
  end
end

-- Gone, finished, or at work: its entry in the line is a left-over.
local function waits(id)
  local key = prefix .. id
  local known = redis.call('HMGET', key, 'timestamp', 'finishedOn')
  return known[1] and not known[2] and redis.call('EXISTS', key .. ':lock') == 0
end

local function takeOut(id)
  if id == mark then mark = redis.call('LINDEX', wait, (redis.call('LPOS', wait, id) or -2) + 1) end
  return redis.call('LREM', wait, -1, id) == 1 or redis.call('ZREM', prioritized, id) == 1
end

local function serve(tenant)
  local line = lineOf(tenant)
  while true do
    local first = redis.call('ZPOPMIN', line)
    if #first == 0 then
      redis.call('ZREM', rota, tenant)
      return nil
    end
    if waits(first[1]) and takeOut(first[1]) then
      local turn = redis.call('INCR', prefix .. 'tt:turn')
      redis.call('ZADD', turns, turn, tenant)
      if redis.call('EXISTS', line) == 1 then redis.call('ZADD', rota, turn, tenant) else redis.call('ZREM', rota, tenant) end
      return first[1]
    end
  end
end

-- Whoever lost it since it was last taken: written beside it when it is taken, with how often it had been lost by then.
local function begin(id, token)
  local key = prefix .. id
  local known = redis.call('HMGET', key, 'stc', 'pb', 'defa')
  local lost = known[1] or '0'
  if rate and not known[3] and redis.call('INCR', limiter) == 1 then redis.call('PEXPIRE', limiter, math.floor(math.abs(tonumber(meta[4]) or 0))) end
  redis.call('SET', key .. ':lock', token, 'PX', lockMillis)
  redis.call('LPUSH', active, id)
  redis.call('XADD', events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  redis.call('HSET', key, 'processedOn', string.format('%.0f', now), 'pb', holder .. ' ' .. lost)
  redis.call('HINCRBY', key, 'ats', 1)
  return {id, token, lost ~= '0' and known[2] or '', redis.call('HGETALL', key)}
end

local taken, heldBack = {}, 0
local tenants = redis.call('ZRANGE', rota, 0, -1)
local open = {}
for _, tenant in ipairs(tenants) do
  if paused[tenant] then heldBack = 1 else table.insert(open, tenant) end
end
while #taken < count and #open > 0 do
  local still = {}
  for _, tenant in ipairs(open) do
    if #taken >= count then break end
    if limit > 0 and (busy[tenant] or 0) >= limit then
      heldBack = 1
    else
      local id = serve(tenant)
      if id then
        table.insert(taken, begin(id, tokens[#taken + 1]))
        busy[tenant] = (busy[tenant] or 0) + 1
        table.insert(still, tenant)
      end
    end
  end
  open = still
end

if mark ~= marked then
  if mark then redis.call('SET', prefix .. 'tt:mark', mark) else redis.call('DEL', prefix .. 'tt:mark') end
end
redis.call('ZREMRANGEBYRANK', turns, 0, -10001)
if redis.call('LLEN', wait) + redis.call('ZCARD', prioritized) > 0 then
  -- For whoever else waits for work, as BullMQ does it.
  if #taken > 0 then redis.call('ZADD', prefix .. 'marker', 0, '0') else heldBack = 1 end
end
return {taken, heldBack, nextDue(), 0}
`

/** KEYS[1] the queue's prefix; ARGV: job ids. */
export const bringToFrontScript = `${common}
for _, id in ipairs(ARGV) do
  if redis.call('EXISTS', prefix .. id) == 1 then
    local tenant = look(id)
    enterFirst(tenant, id)
  end
end
return #ARGV
`
