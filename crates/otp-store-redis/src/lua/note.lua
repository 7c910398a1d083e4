-- DeliveryStore::note. KEYS: the message of a challenge, as JSON with e epoch and x until. ARGV: now, until, the
-- message. As a challenge's record it is unknown after a failover: the newest of all may be lost.
local sent, ends = cjson.decode(ARGV[3]), tonumber(ARGV[2])
sent.e, sent.x = epoch, ends
redis.call('SET', KEYS[1], cjson.encode(sent), 'PX', ttl(ends, tonumber(ARGV[1])))
return 1
