-- What another version of this store wrote: a failure, and never taken for something else.
local FOREIGN = redis.error_reply('FORMAT a record of another version')
