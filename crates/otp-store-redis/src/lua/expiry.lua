-- How long the server keeps what the core may forget at an instant: rubbish collection, late on purpose. The instants
-- inside decide.
local SLACK, LONGEST = 60000, 1e13
local function ttl(forgotten, now)
  return math.min(math.max(forgotten - now, 0) + SLACK, LONGEST)
end
