-- challenge::withdraw, then limit::refund.
if not record or record.u or record.d ~= a.digest then return cjson.encode({}) end
local at, previous = record.i, record.p
if previous then
  previous.t = math.min(previous.t, record.t)
  previous.e, previous.v = epoch, nil
  write(previous)
else
  redis.call('DEL', KEYS[1])
end
for _, c in ipairs(a.cells) do
  refund_one(c, at)
  keep(c)
end
return cjson.encode({at = at})
