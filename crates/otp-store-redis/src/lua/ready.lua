-- Backend::ready: whether this server takes a write. To set nothing in a text that is not there is one to the server,
-- and changes nothing. KEYS: where nothing lies. To each of a Cluster's masters it comes as ARGV, for no key is in all
-- their slots: that it is another's is the last that a server objects to, when all else would have let it pass.
local tried = redis.pcall('SETRANGE', KEYS[1] or ARGV[1], 0, '')
local refused = type(tried) == 'table' and tried.err
if refused and not string.find(refused, 'non local key', 1, true) then return tried end
return 1
