-- limit::refusals and limit::next_admission; and how cells are kept. Their keys come last in KEYS. This is the first
-- format of a tally, a JSON array; one to come begins otherwise, so that nobody takes it for an empty one.
local values, before = redis.call('MGET', unpack(KEYS)), #KEYS - #a.cells
for i, c in ipairs(a.cells) do
  local kept = values[before + i]
  if kept and string.sub(kept, 1, 1) ~= '[' then return FOREIGN end
  c.key, c.t = KEYS[before + i], kept and cjson.decode(kept) or c.k == 's' and {0, 0} or {}
end
local function keep(c)
  local forgotten = forgotten_at(c)
  if forgotten > now then
    redis.call('SET', c.key, cjson.encode(c.t), 'PX', ttl(forgotten, now))
  else
    redis.call('DEL', c.key)
  end
end
local function refusals(all_but)
  local refused = {}
  for i, c in ipairs(a.cells) do
    local from = c.on == all_but and now or admitted_from(c)
    if from > now or from >= NEVER then refused[#refused + 1] = {i - 1, from} end
  end
  return #refused > 0 and refused or nil
end
local function next_admission()
  local from = now
  for _, c in ipairs(a.cells) do from = math.max(from, admitted_from(c)) end
  return from
end
local function charge(c)
  charge_one[c.k](c)
  keep(c)
end
