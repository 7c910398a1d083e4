-- challenge::attempt, ChallengeRecord::guess and challenge::settle. Counted before it is compared; the digests are
-- keyed hashes, so how long a comparison takes tells nothing about a code.
local refused = refusals('sent')
if refused or a.refused then return cjson.encode({o = 'refused', refusals = refused}) end
local reason, left, compared, hit, proved = 'unknown', 0, false, nil, false
local function try(code, within)
  local live = within and is_live(code)
  if live then code.t, compared = code.t - 1, true end
  for _, guess in ipairs(a.digests) do
    local same = guess[1] == code.k and guess[2] == code.d
    hit, proved = hit or same and live and code or nil, proved or same
  end
end
if record then
  local unused = not record.u
  try(record, unused)
  if record.p then try(record.p, unused and now < record.p.v) end
  if hit then
    record.u, reason = now, nil
  elseif record.u then reason = 'used'
  elseif compared then reason = 'wrong'
  elseif is_over(record) then reason = 'expired'
  else reason = 'locked' end
  if unused and not is_over(record) then left = record.t end
  proved = proved and (reason == 'used' or reason == 'expired')
  if compared then write(record) end
end
for _, c in ipairs(a.cells) do
  if c.on == 'sent' then
    if not reason then verified(c); keep(c) end
  elseif c.on == 'all' or c.on == 'rejected' and reason or c.on ~= 'rejected' and reason == 'wrong' then
    charge(c)
  elseif c.k == 's' and not reason then
    redis.call('DEL', c.key)
  end
end
if not reason then return cjson.encode({o = 'accepted', c = hit.c, m = hit.m}) end
return cjson.encode({o = 'rejected', reason = reason, left = left, proved = proved})
