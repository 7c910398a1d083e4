-- limit::Tally::charge. What giving it back takes is kept in `c.was`: when a member was seen before, or the streak.
local function insert(c, at, entry)
  local place = #c.t + 1
  while place > 1 and instant(c.t[place - 1]) > at do place = place - 1 end
  table.insert(c.t, place, entry)
end
local function log(c, at, entry)
  insert(c, at, entry)
  while #c.t > c.q or (c.t[1] and instant(c.t[1]) <= now - c.w) do table.remove(c.t, 1) end
end
local charge_one = {}
function charge_one.i(c) log(c, now, now) end
function charge_one.m(c)
  local last, shared = now, nil
  for i = #c.t, 1, -1 do
    if c.t[i][1] == c.m then
      c.was = table.remove(c.t, i)[2]
      -- Two acts in one entry: neither may take the other's away.
      if c.was >= now then last, shared = c.was, 1 end
    end
  end
  log(c, last, {c.m, last, shared})
end
function charge_one.w(c)
  local index, at = math.floor(now / c.l), 1
  while c.t[1] and leaves(c.t[1][1], c.l, c.w) <= now do table.remove(c.t, 1) end
  while c.t[at] and c.t[at][1] < index do at = at + 1 end
  if not c.t[at] or c.t[at][1] ~= index then table.insert(c.t, at, {index, 0}) end
  c.t[at][2] = math.min(c.t[at][2] + (c.n or 1), 4294967295)
end
function charge_one.s(c)
  c.was = c.t
  c.t = {now >= c.t[2] + c.w and 1 or math.min(c.t[1] + 1, 4294967295), math.max(now, c.t[2])}
end
