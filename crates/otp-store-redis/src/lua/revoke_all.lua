-- SessionStore::revoke of a user's sessions on one server. KEYS: the index, then sessions. ARGV: now, user,
-- whether replicas are waited for, the sessions' ids. A script may touch only keys that it was given: if the index
-- knows more, it answers with all of them and has done nothing.
local now, known = tonumber(ARGV[1]), {}
for i = 4, #ARGV do known[ARGV[i]] = true end
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')
for _, id in ipairs(ids) do
  if not known[id] then return ids end
end
local ended, foreign = 0, false
for i = 2, #KEYS do
  local user, idle_end, absolute_end, format = unpack(redis.call('HMGET', KEYS[i], 'u', 'i', 'x', 'v'))
  if format then
    foreign = true
  elseif user == ARGV[2] then
    redis.call('DEL', KEYS[i])
    if now < tonumber(idle_end) and now < tonumber(absolute_end) then ended = ended + 1 end
  end
end
-- Of another version: it stays, all others ended, and the index still knows it.
if foreign then return FOREIGN end
if redis.call('DEL', KEYS[1]) == 0 and ARGV[3] == '1' then
  -- As in revoke.lua: nothing was left to end, and it may not be so on the replicas.
  redis.call('ZADD', KEYS[1], 0, '')
  redis.call('DEL', KEYS[1])
end
return ended
