/**
 * Completes jobs that have neither parent, children nor deduplication key, and does for each what BullMQ's `moveToFinished`
 * does (bullmq 6.7), so that several cost one call; old ones are forgotten once for all of them. Time is the server's.
 *
 * KEYS[1] the queue's prefix; ARGV, for each job: id, token, return value, removed at once (1 or 0), most seconds and most jobs
 * to keep (empty for no limit). Per job, in order: 0, BullMQ's code why it refuses, or 1 where BullMQ must complete it; at the
 * end 1 where only BullMQ can forget what is old.
 */
export const completeScript = `
local prefix = KEYS[1]
local wait, active, completed, events = prefix .. 'wait', prefix .. 'active', prefix .. 'completed', prefix .. 'events'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local nowText = string.format('%.0f', now)
local mostEvents = redis.call('HGET', prefix .. 'meta', 'opts.maxLenEvents') or '10000'

local function forget(key)
  redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
end

local function complete(id, token, value, removes)
  local key = prefix .. id
  local job = redis.call('HMGET', key, 'timestamp', 'parentKey', 'parent', 'deid')
  if not job[1] then return -1 end
  if job[2] or job[3] or job[4] or redis.call('EXISTS', key .. ':dependencies', key .. ':unsuccessful') > 0 then return 1 end
  local lock = redis.call('GET', key .. ':lock')
  if lock ~= token then return lock and -6 or -2 end
  redis.call('DEL', key .. ':lock')
  redis.call('SREM', prefix .. 'stalled', id)
  if redis.call('LREM', active, -1, id) == 0 then return -3 end
  redis.call('HINCRBY', key, 'atm', 1)
  if removes then
    forget(key)
  else
    redis.call('ZADD', completed, nowText, id)
    redis.call('HSET', key, 'returnvalue', value, 'finishedOn', nowText)
  end
  redis.call('XADD', events, 'MAXLEN', '~', mostEvents, '*', 'event', 'completed', 'jobId', id, 'returnvalue', value, 'prev', 'active')
  return 0
end

local odd = 0
local function forgetOld(ids)
  for _, id in ipairs(ids) do
    local key = prefix .. id
    local parent = redis.call('HGET', key, 'parentKey')
    if parent and parent ~= '' then
      odd = 1
    else
      forget(key)
      redis.call('ZREM', completed, id)
    end
  end
end

local answers, limits = {}, {}
for i = 1, #ARGV, 6 do
  local removes = ARGV[i + 3] == '1'
  local code = complete(ARGV[i], ARGV[i + 1], ARGV[i + 2], removes)
  table.insert(answers, code)
  if code == 0 and not removes then limits[ARGV[i + 4] .. ' ' .. ARGV[i + 5]] = {tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])} end
end
for _, limit in pairs(limits) do
  local age, count = limit[1], limit[2]
  if age then forgetOld(redis.call('ZRANGEBYSCORE', completed, '-inf', string.format('%.0f', now - age * 1000), 'LIMIT', 0, 1000)) end
  if count and count > 0 then forgetOld(redis.call('ZREVRANGE', completed, count, -1)) end
end
if redis.call('LLEN', wait) == 0 and redis.call('LLEN', active) == 0 and redis.call('ZCARD', prefix .. 'prioritized') == 0 then
  redis.call('XADD', events, '*', 'event', 'drained')
end
table.insert(answers, odd)
return answers
`
