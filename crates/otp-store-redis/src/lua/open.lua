-- challenge::open and challenge::successor. `a.refused`: a limit in another slot has refused already.
local start, new = a.start, a.new
if record and start and new.r and record.r == new.r and not is_over(record) then
  return cjson.encode({o = 'replayed', c = record.c, x = record.x, n = next_admission()})
end
local live = record and not record.u and is_live(record) and record
if not start and not live then return cjson.encode({o = 'not_live'}) end
local refused = refusals()
if refused or a.refused then return cjson.encode({o = 'refused', refusals = refused}) end
new.e, new.i = epoch, now
if not start then
  new.c = new.c or live.c
  new.r, new.m, new.t = live.r, live.m, math.min(live.t, new.t)
end
new.c = new.c or 'sms'
if live then
  live.v, live.p, live.e = math.min(a.previous_until, live.x), nil, nil
  new.p = live
end
write(new)
for _, c in ipairs(a.cells) do charge(c) end
return cjson.encode({o = 'stored', c = new.c, x = new.x, n = next_admission()})
