-- KEYS[1] is the stream of a log. ARGV: its epoch, the ID of a record that was in it, that record's position, a new epoch.
--
-- Asked behind a connection that was lost: the server may be another, to which not all was copied, or may have kept less on its disk.
local META = KEYS[1] .. ':meta'
local row = redis.call('HMGET', META, 'epoch', 'trimmed')
if row[1] ~= ARGV[1] then return 'epoch' end
if #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 1 then return 'same' end
-- It may have been trimmed since.
if row[2] and row[2] >= ARGV[3] then return 'same' end
redis.call('HSET', META, 'epoch', ARGV[4])
return 'epoch'
