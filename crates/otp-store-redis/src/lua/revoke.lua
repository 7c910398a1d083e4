-- SessionStore::revoke of one session. KEYS: the session, and its user's index where that is known and on the same
-- server. ARGV: now, the user whose it must be or '', id, whether replicas are waited for.
local user, idle_end, absolute_end, format = unpack(redis.call('HMGET', KEYS[1], 'u', 'i', 'x', 'v'))
if format then return FOREIGN end
if not user and ARGV[4] == '1' then
  -- Whoever ended it may still wait for the replicas, and WAIT is about our own writes: this one is after theirs.
  redis.call('HSET', KEYS[1], 'u', '')
  redis.call('DEL', KEYS[1])
end
if not user or ARGV[2] ~= '' and user ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
if KEYS[2] then redis.call('ZREM', KEYS[2], ARGV[3]) end
local now = tonumber(ARGV[1])
return now < tonumber(idle_end) and now < tonumber(absolute_end) and 1 or 0
