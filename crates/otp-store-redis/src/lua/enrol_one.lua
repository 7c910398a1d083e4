-- The other slot's part of SessionStore::create on a cluster. KEYS: the index. ARGV: now, id, absolute end.
enrol(KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[1]))
return 1
