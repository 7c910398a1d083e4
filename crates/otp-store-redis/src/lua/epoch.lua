-- The epoch is the start of this server's replication id, which is new after every promotion and every start. What
-- was written before may miss what was acknowledged after it, such as that a code was used: it is unknown now.
local VERSION = 1
local epoch = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
epoch = VERSION .. string.sub(epoch, 1, 11)
