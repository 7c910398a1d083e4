-- ChallengeRecord: KEYS[1], as JSON. e epoch, r request, c channel, m remember-me, d digest, k kid, i issued,
-- x expires, t tries, u used; p the code before, with v its last instant.
local RETENTION, LONGEST_LIFE = 600000, 660000
local record = values[1] and cjson.decode(values[1])
if record and record.e ~= epoch then record = nil end
local function is_over(code)
  return now >= code.x or now + LONGEST_LIFE < code.x
end
local function is_live(code)
  return not is_over(code) and code.t > 0
end
local function write(new)
  redis.call('SET', KEYS[1], cjson.encode(new), 'PX', ttl(new.x + RETENTION, now))
end
