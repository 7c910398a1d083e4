-- The other slots' part of a verb on a cluster: `c.undo` gives back what charge.lua took at `a.at`, to the letter if
-- nobody came between, else so that no more is admitted; 'reset' is the success that ends a streak; 'acquit' is the
-- cells' part of challenge::approve; 'verified' and 'refund' are limit::Tally's.
local undo = {}
function undo.m(c)
  for i = #c.t, 1, -1 do
    local member, at, shared = unpack(c.t[i])
    if member == c.m and at == a.at and not shared then
      table.remove(c.t, i)
      if c.was > 0 then insert(c, c.was, {member, c.was}) end
    end
  end
end
function undo.s(c)
  local was = c.was
  local failures = a.at >= was[2] + c.w and 1 or was[1] + 1
  if c.t[1] == failures and c.t[2] == math.max(a.at, was[2]) then
    c.t = was
  else
    c.t[1] = math.max(c.t[1] - 1, 0)
  end
end
for _, c in ipairs(a.cells) do
  if c.undo == 'reset' then
    c.t = c.k == 's' and {0, 0} or {}
  elseif c.undo == 'verified' then
    verified(c)
  elseif c.undo == 'give_back' and undo[c.k] then
    undo[c.k](c)
  elseif c.undo == 'acquit' then
    acquit(c, a.at)
  else
    refund_one(c, a.at)
  end
  keep(c)
end
return cjson.encode({next = next_admission()})
