-- limit::Tally::admitted_from and ::forgotten_at. `c.t` is what the cell's key holds, by `c.k`: instants [at, ...],
-- members [[member, at], ...], windows [[index, count], ...] or a streak [failures, last]. `c.n`: what one act takes.
local a = cjson.decode(ARGV[1])
local now, NEVER = a.now, 99999999999999 -- the latest instant that the server's JSON keeps
local function leaves(index, length, window)
  return (index + 1) * length - 1 + window
end
local function instant(entry) return type(entry) == 'table' and entry[2] or entry end
local function free_at(c, quota, window, length)
  local t, n = c.t, c.n or 1
  if quota == 0 or n > quota then return NEVER end
  if c.k == 's' then return t[1] < quota and now or t[2] + window end
  if c.k == 'w' then
    local total, free = 0, now
    for _, bucket in ipairs(t) do total = total + bucket[2] end
    for _, bucket in ipairs(t) do
      if total + n <= quota then break end
      total, free = total - bucket[2], leaves(bucket[1], length, window)
    end
    return free
  end
  local pivot = t[#t - quota + 1]
  return pivot and instant(pivot) + window or now
end
local function admitted_from(c)
  local seen, from = nil, now
  for _, entry in ipairs(c.k == 'm' and c.t or {}) do
    if entry[1] == c.m then seen = entry[2] end
  end
  for _, rate in ipairs(c.r) do
    if not (seen and seen > now - rate[2]) then from = math.max(from, free_at(c, unpack(rate))) end
  end
  return math.min(from, NEVER)
end
local function forgotten_at(c)
  local last = c.t[#c.t]
  if c.k == 's' then return c.t[1] > 0 and c.t[2] + c.w or 0 end
  if c.k == 'w' then return last and leaves(last[1], c.l, c.w) or 0 end
  return last and instant(last) + c.w or 0
end
