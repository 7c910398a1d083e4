-- The cells' part of challenge::approve: a guess at `at` was right, so what it was charged as a failure is given back,
-- and a streak ends. A member goes if that was when it was seen last: limit::Tally::forget.
local function acquit(c, at)
  if c.on == 'sent' then
    verified(c)
  elseif c.k == 's' then
    c.t = {0, 0}
  elseif c.k == 'm' then
    for i = #c.t, 1, -1 do
      if c.t[i][1] == c.m and c.t[i][2] == at then table.remove(c.t, i) end
    end
  else
    refund_one(c, at)
  end
end
