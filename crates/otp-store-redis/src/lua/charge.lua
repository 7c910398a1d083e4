-- limit::charge. `a.peek`: only asks, because another slot has refused already.
local refused = refusals()
local was = {}
if not refused and not a.peek then
  for i, c in ipairs(a.cells) do
    charge(c)
    was[i] = c.was or 0
  end
end
return cjson.encode({refusals = refused, next = next_admission(), was = #was > 0 and was or nil})
