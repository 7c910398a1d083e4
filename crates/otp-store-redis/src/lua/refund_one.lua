-- limit::Tally::refund of what was charged at `at`; a distinct member stays.
local function refund_one(c, at)
  if c.k == 'i' then
    for i = #c.t, 1, -1 do
      if c.t[i] == at then return table.remove(c.t, i) end
    end
  elseif c.k == 'w' then
    for i = #c.t, 1, -1 do
      local bucket = c.t[i]
      if bucket[1] == math.floor(at / c.l) then bucket[2] = bucket[2] - (c.n or 1) end
      if bucket[2] <= 0 then table.remove(c.t, i) end
    end
  end
end
