-- Reported::after. KEYS: the highest word about a message, as JSON: s state, x until. ARGV: now, until, the state, and
-- all states from the lowest. A word that is not among them is a newer version's: it is told, and stays.
local now, ends, rank = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for i = 4, #ARGV do rank[ARGV[i]] = i end
local kept = redis.call('GET', KEYS[1])
local before, highest = kept and cjson.decode(kept), ARGV[3]
if before and now >= before.x then before = false end
if before then
  if not rank[before.s] then return {before.s, before.s} end
  if rank[before.s] > rank[highest] then highest = before.s end
end
redis.call('SET', KEYS[1], cjson.encode({s = highest, x = ends}), 'PX', ttl(ends, now))
return {highest, before and before.s} -- false is nothing
