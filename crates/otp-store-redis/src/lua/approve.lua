-- challenge::approve. The tries are not asked: the guess at `a.at` was one of them.
local hosted = false
for _, guess in ipairs(a.digests) do
  hosted = hosted or record and guess[1] == record.k and guess[2] == record.d
end
local reason = not hosted and 'unknown' or record.u and 'used' or is_over(record) and 'expired'
if reason then return cjson.encode({o = 'rejected', reason = reason, left = 0, proved = false}) end
record.u = now
write(record)
for _, c in ipairs(a.cells) do
  if c.on ~= 'all' then
    acquit(c, a.at)
    keep(c)
  end
end
return cjson.encode({o = 'accepted', c = record.c, m = record.m})
