-- SessionStore::create. KEYS: the session, and its user's index where one server has both.
-- ARGV: now, user, data, idle, counter, rotated, idle end, absolute end, id. This is the first format of a session,
-- which has no field `v`; one to come has its number there, and whoever does not know it leaves the session alone.
local now = tonumber(ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'u', ARGV[2], 'd', ARGV[3], 'l', ARGV[4], 'c', ARGV[5], 'r', ARGV[6],
  'i', ARGV[7], 'x', ARGV[8])
redis.call('PEXPIRE', KEYS[1], ttl(math.min(tonumber(ARGV[7]), tonumber(ARGV[8])), now))
if KEYS[2] then enrol(KEYS[2], ARGV[9], tonumber(ARGV[8]), now) end
return 1
