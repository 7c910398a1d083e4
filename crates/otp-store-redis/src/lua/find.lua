-- SessionStore::find and ::list: the sessions at KEYS, as they are at one instant.
local rows = {}
for i, key in ipairs(KEYS) do
  rows[i] = redis.call('HMGET', key, 'u', 'd', 'l', 'c', 'r', 'i', 'x', 'v')
  if table.remove(rows[i]) then return FOREIGN end
end
return rows
