-- ARGV[6..]: producer (or ''), its epoch, its number, the number before; how many runs; of each: kind, topic, id, key, '1' for a
-- tombstone, bytes of data in all and of the longest, how many records, how many fields and values each has, then these.
--
-- A run has neighbours of one topic that have no more than data; a record that has is alone.
local refused, now = begin(false)
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

-- The runs, each with the place of its fields in ARGV, and how many records they have.
local function read_runs()
  local runs, count, n = {}, 0, 11
  for _ = 1, tonumber(ARGV[10]) do
    local run = { kind = ARGV[n], topic = ARGV[n + 1], id = ARGV[n + 2], key = ARGV[n + 3], is_tombstone = ARGV[n + 4] == '1',
      bytes = tonumber(ARGV[n + 5]), longest = tonumber(ARGV[n + 6]), count = tonumber(ARGV[n + 7]),
      width = tonumber(ARGV[n + 8]), from = n + 9 }
    runs[#runs + 1] = run
    count, n = count + run.count, run.from + run.count * run.width
  end
  return runs, count
end

-- Why they cannot all be appended, one behind the other: what is answered.
local function check(runs)
  local staged = {}
  for _, record in ipairs(runs) do
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
local runs, count = {}, 0
if not answer then
  runs, count = read_runs()
  answer = check(runs)
end
if answer then
  save()
  return answer
end

-- Adds the first of all, and says where it lies; nil where no place is left.
local function add_first(from, to)
  local ms, seq = next_place(count)
  -- Where another program has deleted the newest entry, its ID is used up all the same.
  local added = redis.pcall('XADD', S, string.format('%.0f-%d', ms, seq), unpack(ARGV, from, to))
  if not added.err then return ms, seq end
  if call('EXISTS', S) == 0 then return nil, added.err end
  local info = call('XINFO', 'STREAM', S)
  ms, seq = next_place(count, parts(field(info, 'last-generated-id')))
  if ms > MOST_MS then return nil end
  call('XADD', S, string.format('%.0f-%d', ms, seq), unpack(ARGV, from, to))
  return ms, seq
end

-- One lies behind the other, so that the first and their count say where all are. Since Redis 7 the server counts up by itself, which is
-- faster than to write all numbers here.
local first, ms, seq, prefix, next_id = '', nil, nil, nil, nil

local function add_next(from, to)
  if next_id then
    if not redis.pcall('XADD', S, next_id, unpack(ARGV, from, to)).err then return end
    next_id = nil
  end
  call('XADD', S, string.format('%s%d', prefix, seq), unpack(ARGV, from, to))
end

local last = meta.last
for _, run in ipairs(runs) do
  local from, width, start = run.from, run.width, 1
  if not ms then
    ms, seq = add_first(from, from + width - 1)
    if not ms then return seq and redis.error_reply(seq) or { 'range' } end
    first, prefix, start = position(ms, seq), string.format('%.0f-', ms), 2
    next_id = prefix .. '*'
    seq, from = seq + 1, from + width
  end
  local at = start == 2 and first or position(ms, seq)
  for _ = start, run.count do
    add_next(from, from + width - 1)
    seq, from = seq + 1, from + width
  end
  take(run, at)
end
if meta.added then meta.added = meta.added + count end
if number ~= '' then
  call('HSET', PRODUCERS, producer, string.format('%s %s %s %d', epoch, number, first, count))
end
save()
return { 'stored', first, count, last, runs[1] and bounds_of(topic_of(runs[1].topic)) }
