-- The first half of DeliveryStore::delivery: what note.lua kept at KEYS[1], if it is not over. ARGV: now.
local kept = redis.call('GET', KEYS[1])
local sent = kept and cjson.decode(kept)
return sent and sent.e == epoch and tonumber(ARGV[1]) < sent.x and kept
