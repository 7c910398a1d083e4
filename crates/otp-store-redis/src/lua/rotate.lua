-- session::rotate. KEYS: the session. ARGV: now, the counter presented, the one after it, grace. Counters are
-- compared as text: a Lua number would lose their last bits.
local now = tonumber(ARGV[1])
local row = redis.call('HMGET', KEYS[1], 'u', 'd', 'l', 'c', 'r', 'i', 'x', 'v')
if table.remove(row) then return FOREIGN end
local counter, idle_end, absolute_end = row[4], tonumber(row[6] or 0), tonumber(row[7] or 0)
if not counter or now >= idle_end or now >= absolute_end then return {'dead'} end
local presented, successor = ARGV[2], ARGV[3]
if presented == counter then
  idle_end = math.min(now + tonumber(row[3]), absolute_end)
  row[4], row[5], row[6] = successor, ARGV[1], string.format('%.0f', idle_end)
  redis.call('HSET', KEYS[1], 'c', row[4], 'r', row[5], 'i', row[6])
  redis.call('PEXPIRE', KEYS[1], ttl(idle_end, now))
  return {'rotated', unpack(row)}
end
if #presented > #counter or #presented == #counter and presented > counter then return {'dead'} end
if successor == counter and now < tonumber(row[5]) + tonumber(ARGV[4]) then
  -- A write, for WAIT to be about the rotation that this repeats.
  redis.call('PEXPIRE', KEYS[1], ttl(idle_end, now))
  return {'repeated', unpack(row)}
end
redis.call('DEL', KEYS[1])
return {'reused', unpack(row)}
