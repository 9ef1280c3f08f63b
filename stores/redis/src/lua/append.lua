-- ARGV[6..]: producer (or ''), its epoch, its number, the number before; how many records; of each: kind, topic, id, key,
-- '1' for a tombstone, bytes of data, how many fields and values, then these.
local refused, now = begin()
if refused then return refused end
local PRODUCERS = S .. ':producers'
local producer, epoch, number, before = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

-- Whether the batch was stored already, is early, or of an old epoch: what is answered.
local function stored_before()
  if number == '' then return nil end
  local row = call('HGET', PRODUCERS, producer)
  local stored_epoch, newest, first, count = string.match(row or '', '^(%x+) (%x+) (%x*) (%d+)$')
  if stored_epoch and stored_epoch > epoch then return { 'fenced', stored_epoch } end
  if stored_epoch ~= epoch then newest, first, count = NONE, '', '0' end
  if newest < before then return { 'gap', newest } end
  if newest < number then return nil end
  if newest == number and number ~= NONE then return { 'duplicate', first, tonumber(count) } end
  return { 'duplicate', '', 0 }
end

-- The records, each with the place of its fields in ARGV.
local function read_records()
  local records, n = {}, 11
  for _ = 1, tonumber(ARGV[10]) do
    local fields = tonumber(ARGV[n + 6])
    records[#records + 1] = { kind = ARGV[n], topic = ARGV[n + 1], id = ARGV[n + 2], key = ARGV[n + 3],
      is_tombstone = ARGV[n + 4] == '1', bytes = tonumber(ARGV[n + 5]), from = n + 7, to = n + 6 + fields }
    n = n + 7 + fields
  end
  return records
end

-- Why they cannot all be appended, one behind the other: what is answered.
local function check(records)
  local staged = {}
  for _, record in ipairs(records) do
    local name = record.topic
    local stage = staged[name]
    if not stage then
      notice_trim(topic_of(name))
      stage = { is_finished = topic_of(name).finished ~= '', is_stored = true, ids = {} }
      staged[name] = stage
    end
    if record.kind == 'finish' then
      stage.is_finished = true
    elseif record.kind == 'close' then
      stage.is_finished, stage.is_stored, stage.ids = false, false, {}
    elseif stage.is_finished then
      return { 'finished', name }
    end
    if record.id ~= '' then
      local at = stage.is_stored and retains(topic_of(name), record.id)
      if at or stage.ids[record.id] then return { 'id', at or NONE, name, record.id } end
      stage.ids[record.id] = true
    end
  end
  return nil
end

-- The next position: by the server's clock, but behind all that were. What has gone after a failover does not come again.
local function next_place(count, ms, seq)
  local last_ms, last_seq = ms_of(meta.last), seq_of(meta.last)
  if seq then last_ms, last_seq = ms, seq end
  if now > last_ms then return now, 0 end
  if last_seq + count <= MOST_SEQ then return last_ms, last_seq + 1 end
  return last_ms + 1, 0
end

local answer = stored_before()
local records = answer and {} or read_records()
answer = answer or check(records)
if answer then
  save()
  return answer
end
local first, place_ms, place_seq = '', nil, nil
for n, record in ipairs(records) do
  local ms, seq
  if n == 1 then
    ms, seq = next_place(#records)
    -- Where another program has deleted the newest entry, its ID is used up all the same.
    local added = redis.pcall('XADD', S, string.format('%.0f-%d', ms, seq), unpack(ARGV, record.from, record.to))
    if added.err then
      if call('EXISTS', S) == 0 then return redis.error_reply(added.err) end
      local info = call('XINFO', 'STREAM', S)
      ms, seq = next_place(#records, parts(field(info, 'last-generated-id')))
      if ms > MOST_MS then return { 'range' } end
      call('XADD', S, string.format('%.0f-%d', ms, seq), unpack(ARGV, record.from, record.to))
    end
    first = position(ms, seq)
  else
    -- One behind the other, so that the first and their count say where all are.
    ms, seq = place_ms, place_seq + 1
    call('XADD', S, string.format('%.0f-%d', ms, seq), unpack(ARGV, record.from, record.to))
  end
  place_ms, place_seq = ms, seq
  take(record, position(ms, seq))
end
if number ~= '' then
  call('HSET', PRODUCERS, producer, string.format('%s %s %s %d', epoch, number, first, #records))
end
save()
return { 'stored', first, #records }
