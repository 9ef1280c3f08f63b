-- KEYS[1] is the stream of a log, ARGV[1] a new epoch: the log's own is answered, and what its version is.
local META = KEYS[1] .. ':meta'
for key, wanted in pairs({ [KEYS[1]] = 'stream', [META] = 'hash' }) do
  local kind = redis.call('TYPE', key)['ok']
  if kind ~= wanted and kind ~= 'none' then return { 'type', key } end
end
local row = redis.call('HMGET', META, 'v', 'epoch')
if not row[2] then
  redis.call('HSET', META, 'v', '1', 'epoch', ARGV[1])
  return { '1', ARGV[1] }
end
return { row[1] or '', row[2] }
