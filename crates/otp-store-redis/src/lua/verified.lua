-- limit::Tally::verified: the oldest charges that still count go, `c.v` of them.
local function verified(c)
  local left = c.v
  local function gone(entry)
    if c.k == 'i' then return entry <= now - c.w end
    return leaves(entry[1], c.l, c.w) <= now
  end
  while c.t[1] and gone(c.t[1]) do table.remove(c.t, 1) end
  while c.t[1] and left > 0 do
    local taken = c.k == 'i' and 1 or math.min(left, c.t[1][2])
    left = left - taken
    if c.k == 'w' then c.t[1][2] = c.t[1][2] - taken end
    if c.k == 'i' or c.t[1][2] <= 0 then table.remove(c.t, 1) end
  end
end
