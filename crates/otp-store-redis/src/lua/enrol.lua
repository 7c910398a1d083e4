-- What SessionStore::list looks through: ids by the instant of their absolute end. It says where to look, never
-- what is; an id leaves when its session cannot be any more.
local function enrol(key, id, ends, now)
  redis.call('ZADD', key, ends, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('PTTL', key) < ttl(ends, now) then redis.call('PEXPIRE', key, ttl(ends, now)) end
end
