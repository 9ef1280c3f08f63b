-- What all scripts share. KEYS[1] is the stream of a log; its other keys have names that begin with it.
-- ARGV: epoch, most records, most bytes, longest age in ms (or ''), most keys; then what the script itself wants.
--
-- A position is 16 hexadecimal digits: 11 of the milliseconds of a stream's ID, 5 of its number. As texts they have the order
-- that they have as numbers, which Lua's own, of 53 bits, would not keep.
local S = KEYS[1]
local META = S .. ':meta'
local MOST, MOST_BYTES, AGE, MOST_KEYS = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local NONE = '0000000000000000'
-- The highest numbers of an ID that is a position.
local MOST_MS, MOST_SEQ = 17592186044415, 1048575
-- Of fields and values, since Lua hands over no more at once than 8,000.
local MOST_FIELDS = 6000
local call = redis.call
-- Whether the script stores nothing: a full server serves it all the same.
local is_reading = false

-- Before the first that is written. A full server refuses what takes memory, unless the script has written before. What is due takes
-- little: others could add no more to it either.
local function begin_writing()
  if is_reading then call('XDEL', S, '0-0') end
end

local function key_of(what, topic) return S .. ':' .. what .. ':' .. topic end

local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function position(ms, seq) return string.format('%011x%05x', ms, seq) end

local function id_of(at)
  return string.format('%.0f-%d', tonumber(string.sub(at, 1, 11), 16), tonumber(string.sub(at, 12), 16))
end

local function ms_of(at) return tonumber(string.sub(at, 1, 11), 16) end

local function seq_of(at) return tonumber(string.sub(at, 12), 16) end

local function higher(one, two) if one > two then return one end return two end

-- The position right in front of it.
local function in_front(at)
  local ms, seq = ms_of(at), seq_of(at)
  if seq > 0 then return position(ms, seq - 1) end
  return position(ms - 1, MOST_SEQ)
end

-- Where its neighbour lies, so many further on.
local function behind(at, count) return position(ms_of(at), seq_of(at) + count) end

-- A member of a topic's index stands for neighbours: where the first lies; then, if there are more, how many.
local function run_of(member) return string.sub(member, 1, 16), tonumber(string.sub(member, 17), 16) or 1 end

local function member(at, count)
  if count == 1 then return at end
  return string.format('%s%05x', at, count)
end

-- Which member may stand for what lies at a position: itself, if it is not before all.
local function holder(index, at)
  return call('ZREVRANGEBYLEX', index, '[' .. at .. 'g', '-', 'LIMIT', 0, 1)[1]
end

local function field(fields, name)
  for n = 1, #fields, 2 do
    if fields[n] == name then return fields[n + 1] end
  end
  return nil
end

-- What an entry of the stream says. What has no place in it is left out, as the reader does: of `id`, `key` and `tombstone`, what is no event
-- has none.
local function record_of(fields)
  local bytes = #(field(fields, 'data') or '')
  local record = { kind = 'event', topic = field(fields, 'topic') or '', id = '', key = '', bytes = bytes, longest = bytes, count = 1 }
  local is_tombstone = false
  for flag in string.gmatch(field(fields, 'flags') or '', '[^ \t\n\f\r]+') do
    if flag == 'finish' or flag == 'close' then record.kind = flag end
    if flag == 'tombstone' then is_tombstone = true end
  end
  if record.kind == 'event' then
    record.id, record.key, record.is_tombstone = field(fields, 'id') or '', field(fields, 'key') or '', is_tombstone
  end
  return record
end

local meta

local function load_meta()
  local row = call('HMGET', META, 'epoch', 'last', 'trimmed', 'keys_trimmed', 'topics', 'longest', 'first', 'added', 'unseen')
  meta = { epoch = row[1], last = row[2] or NONE, trimmed = row[3] or NONE, keys_trimmed = row[4] or NONE,
    topics = tonumber(row[5] or 0), longest = tonumber(row[6] or 0), first = row[7] or NONE,
    unseen = row[9] or NONE }
  -- A log that nobody has written to yet has taken in nothing.
  meta.added = tonumber(row[8] or not row[2] and 0 or nil)
end

local function first_entry() return call('XRANGE', S, '-', '+', 'COUNT', 1)[1] end

-- Where the first entry of the stream lies. Where there is none: no position begins with this letter.
local function place_of(entry) return entry and position(parts(entry[1])) or 'g' end

local function first_place() return place_of(first_entry()) end

-- Another program may have trimmed the stream (XTRIM) since the last script: what lay before the first entry is gone, whatever its topic.
-- How far, an index says; of the whole log, it is told as right in front of that entry.
local function notice_trim_of_log(entry)
  local first = place_of(entry)
  if meta.first == NONE or first <= meta.first then return end
  meta.changed = true
  if first == 'g' then
    meta.trimmed = meta.last
    return
  end
  -- Of what was never taken in, `notice_unseen` knows.
  local before = in_front(first)
  meta.trimmed = higher(meta.trimmed, before < meta.last and before or meta.last)
end

-- How many entries were ever added to the stream: since Redis 7 the server counts them. 0 where there is no stream.
local function count_added()
  local info = call('EXISTS', S) == 1 and call('XINFO', 'STREAM', S)
  local added = info and tonumber(field(info, 'entries-added')) or not info and 0 or nil
  if added ~= meta.added then meta.added, meta.changed = added, true end
  return info
end

-- What another program has added and trimmed since the last script, no script has ever seen. It counts as trimmed, in all topics, since
-- nobody knows of which it was. All that was taken in before is gone then, too: who trims begins with the oldest.
local function notice_unseen(entry)
  local last_ms, last_seq = ms_of(meta.last), seq_of(meta.last)
  local ms, seq
  if entry then
    ms, seq = parts(entry[1])
    if ms < last_ms or (ms == last_ms and seq <= last_seq) then return end
  end
  local before = meta.added
  local info = count_added()
  if not info then return end
  if not entry then ms, seq = parts(field(info, 'last-generated-id')) end
  local is_gone
  if meta.added then
    -- A stream that was deleted and made anew counts from 0.
    local since = not before and 0 or meta.added < before and meta.added or meta.added - before
    is_gone = since > field(info, 'length')
  else
    -- An older server does not count. What is there says nothing of what was in front of it, but that others have trimmed.
    is_gone = entry and meta.first ~= NONE and meta.first ~= 'g' or
      not entry and (ms > last_ms or (ms == last_ms and seq > last_seq))
  end
  if not is_gone or ms > MOST_MS then return end
  local at = position(ms, math.min(seq, MOST_SEQ))
  meta.unseen = higher(meta.unseen, entry and in_front(at) or at)
  meta.last, meta.trimmed = higher(meta.last, meta.unseen), higher(meta.trimmed, meta.unseen)
  meta.keys_trimmed, meta.changed = higher(meta.keys_trimmed, meta.unseen), true
end

local topics = {}

local function topic_of(name)
  local topic = topics[name]
  if topic then return topic end
  local row = call('HMGET', key_of('topic', name), 'records', 'bytes', 'keys', 'trimmed', 'keys_trimmed', 'finished',
    'closed', 'boundary')
  topic = { name = name, index = key_of('index', name), ids = key_of('ids', name), by_key = key_of('keys', name),
    newest = key_of('newest', name), kept = key_of('kept', name), added = {}, is_new = not row[1],
    records = tonumber(row[1] or 0), bytes = tonumber(row[2] or 0),
    keys = tonumber(row[3] or 0), trimmed = row[4] or NONE, keys_trimmed = row[5] or NONE, finished = row[6] or '',
    closed = row[7] or NONE, boundary = row[8] or '' }
  if meta.unseen > topic.trimmed then topic.trimmed, topic.boundary = meta.unseen, '' end
  topic.keys_trimmed = higher(topic.keys_trimmed, meta.unseen)
  topics[name] = topic
  return topic
end

-- Forgets keys beyond the bound whose event is kept for them alone.
local function drop_keys(topic)
  while topic.keys > MOST_KEYS do
    local at = call('ZRANGE', topic.newest, 0, 0)[1]
    if not at or at > topic.trimmed then return end
    local kept = call('XRANGE', topic.kept, id_of(at), id_of(at))[1]
    if kept then
      call('HDEL', topic.by_key, field(kept[2], 'key') or '')
      call('XDEL', topic.kept, id_of(at))
    end
    call('ZREM', topic.newest, at)
    topic.keys = topic.keys - 1
    topic.keys_trimmed = higher(topic.keys_trimmed, at)
    meta.keys_trimmed = higher(meta.keys_trimmed, at)
  end
end

-- What is done for a record of a topic that goes; nil for its fields if another program has deleted it.
local function let_go(topic, at, fields)
  topic.records, topic.trimmed, topic.boundary = topic.records - 1, higher(topic.trimmed, at), ''
  meta.trimmed = higher(meta.trimmed, at)
  topic.changed, meta.changed = true, true
  if not fields then
    -- It was as long as the others.
    topic.bytes = math.floor(topic.bytes * topic.records / (topic.records + 1))
    return
  end
  topic.bytes = topic.bytes - #(field(fields, 'data') or '')
  local own = record_of(fields).id
  if own ~= '' then
    topic.boundary = own
    if call('HGET', topic.ids, own) == at then call('HDEL', topic.ids, own) end
  end
  if (field(fields, 'key') or '') ~= '' and call('ZSCORE', topic.newest, at) then
    call('XADD', topic.kept, id_of(at), unpack(fields))
  end
end

-- Drops the oldest records of a topic, which are neighbours: at least one, so many at the most, and as long as more are to go. How many.
local function drop_oldest(topic, most, has_to_go)
  local oldest = call('ZRANGE', topic.index, 0, 0)[1]
  if not oldest then return 0 end
  local first, count = run_of(oldest)
  most = math.min(most, count, 256)
  local found = {}
  for _, entry in ipairs(call('XRANGE', S, id_of(first), id_of(behind(first, most - 1)))) do found[entry[1]] = entry[2] end
  local ids = {}
  repeat
    local at = behind(first, #ids)
    local id = id_of(at)
    ids[#ids + 1] = id
    let_go(topic, at, found[id])
  until #ids == most or not has_to_go()
  call('XDEL', S, unpack(ids))
  call('ZREM', topic.index, oldest)
  if #ids < count then call('ZADD', topic.index, 0, member(behind(first, #ids), count - #ids)) end
  return #ids
end

-- The same of one topic: its index goes on naming what lay before the first entry. Whoever lacks that is to be told. Own IDs of such
-- records cannot be taken out, since nobody knows them any more: they count no longer.
local function notice_trim(topic)
  local first = first_place()
  local oldest = call('ZRANGE', topic.index, 0, 0)[1]
  if not oldest or string.sub(oldest, 1, 16) >= first then return end
  local count, gone, left = 0, nil, nil
  for _, name in ipairs(call('ZRANGEBYLEX', topic.index, '-', '(' .. first)) do
    local at, length = run_of(name)
    local lacks = length
    if behind(at, length - 1) >= first then
      lacks = seq_of(first) - seq_of(at)
      left = member(first, length - lacks)
    end
    count, gone = count + lacks, behind(at, lacks - 1)
  end
  call('ZREMRANGEBYLEX', topic.index, '-', '(' .. first)
  if left then call('ZADD', topic.index, 0, left) end
  local keys = call('ZREVRANGEBYLEX', topic.newest, '[' .. gone, '(' .. topic.trimmed, 'LIMIT', 0, 1)
  topic.bytes = math.floor(topic.bytes * (topic.records - count) / topic.records)
  topic.records, topic.trimmed, topic.boundary = topic.records - count, higher(topic.trimmed, gone), ''
  topic.keys_trimmed = higher(topic.keys_trimmed, keys[1] or NONE)
  meta.trimmed, meta.keys_trimmed = higher(meta.trimmed, gone), higher(meta.keys_trimmed, topic.keys_trimmed)
  topic.changed, meta.changed = true, true
end

-- Where an event of this own ID lies, if it is retained.
local function retains(topic, own)
  local at = own ~= '' and call('HGET', topic.ids, own)
  return at and at > topic.trimmed and at
end

-- Writes what was added to the index of a topic.
local function flush(topic)
  local added = topic.added
  for n = 1, #added, 4000 do call('ZADD', topic.index, unpack(added, n, math.min(n + 3999, #added))) end
  topic.added = {}
end

-- Drops what a topic has beyond its bounds, but never its newest.
local function trim(topic)
  local function is_over() return topic.records > 1 and (topic.records > MOST or topic.bytes > MOST_BYTES) end
  while is_over() do
    local bytes = math.max(topic.bytes / topic.records, 1)
    local most = math.max(topic.records - MOST, math.floor((topic.bytes - MOST_BYTES) / bytes), 1)
    if drop_oldest(topic, most, is_over) == 0 then break end
  end
  drop_keys(topic)
end

local function save()
  if not meta.changed then return end
  begin_writing()
  for name, topic in pairs(topics) do
    if topic.changed then
      flush(topic)
      trim(topic)
      call('HSET', key_of('topic', name), 'records', topic.records, 'bytes', topic.bytes, 'keys', topic.keys,
        'trimmed', topic.trimmed, 'keys_trimmed', topic.keys_trimmed, 'finished', topic.finished, 'closed', topic.closed,
        'boundary', topic.boundary)
    end
  end
  if not meta.added then count_added() end
  call('HSET', META, 'last', meta.last, 'trimmed', meta.trimmed, 'keys_trimmed', meta.keys_trimmed, 'topics', meta.topics,
    'longest', meta.longest, 'first', first_place(), 'unseen', meta.unseen)
  if meta.added then call('HSET', META, 'added', string.format('%.0f', meta.added)) end
end

-- Drops what is too old, whatever its topic: it is the beginning of the stream. A few at a time.
local function trim_aged(now)
  if not AGE then return end
  local counts = {}
  local aged = call('XRANGE', S, '-', string.format('%.0f', math.max(now - AGE - 1, 0)), 'COUNT', 200)
  if #aged == 0 then return end
  -- The newest stays.
  local newest = call('XREVRANGE', S, '+', '-', 'COUNT', 1)[1][1]
  if aged[1][1] == newest then return end
  begin_writing()
  for _, record in ipairs(aged) do
    if record[1] == newest then break end
    local name = field(record[2], 'topic') or ''
    counts[name] = (counts[name] or 0) + 1
  end
  for name, count in pairs(counts) do
    local topic = topic_of(name)
    flush(topic)
    while count > 0 do
      local dropped = drop_oldest(topic, count, function() return true end)
      if dropped == 0 then break end
      count = count - dropped
    end
    drop_keys(topic)
  end
end

-- Removes all of a topic, and begins another life of it.
local function close(topic, at)
  flush(topic)
  local trimmed = topic.trimmed
  for _, name in ipairs(call('ZRANGE', topic.index, 0, -1)) do
    local first, count = run_of(name)
    for n = 0, count - 1, 1000 do
      local ids = {}
      for k = n, math.min(n + 999, count - 1) do ids[#ids + 1] = id_of(behind(first, k)) end
      call('XDEL', S, unpack(ids))
    end
    trimmed = higher(trimmed, behind(first, count - 1))
  end
  meta.trimmed, meta.keys_trimmed = higher(meta.trimmed, trimmed), higher(meta.keys_trimmed, trimmed)
  call('DEL', topic.index, topic.ids, topic.by_key, topic.newest, topic.kept)
  topic.records, topic.bytes, topic.keys, topic.boundary, topic.finished = 0, 0, 0, '', ''
  topic.trimmed, topic.keys_trimmed, topic.closed = trimmed, trimmed, at
end

-- What there is to know of a run: of neighbours in one topic, whose fields are in the stream from this position on. A record that has
-- more than data is alone.
local function take(run, at)
  local topic = topic_of(run.topic)
  if topic.is_new then
    topic.is_new, meta.topics = false, meta.topics + 1
  end
  meta.last = run.count == 1 and at or behind(at, run.count - 1)
  meta.changed, topic.changed = true, true
  meta.longest = math.max(meta.longest, run.longest)
  if run.kind == 'close' then close(topic, at) end
  if run.kind == 'finish' and topic.finished == '' then topic.finished = at end
  local added = topic.added
  added[#added + 1], added[#added + 2] = 0, member(at, run.count)
  topic.records, topic.bytes = topic.records + run.count, topic.bytes + run.bytes
  if run.id ~= '' then call('HSET', topic.ids, run.id, at) end
  if run.key ~= '' then
    local before = call('HGET', topic.by_key, run.key)
    if before then
      call('ZREM', topic.newest, before)
      if before <= topic.trimmed then call('XDEL', topic.kept, id_of(before)) end
      topic.keys = topic.keys - 1
    end
    if run.is_tombstone then
      if before then call('HDEL', topic.by_key, run.key) end
    else
      call('HSET', topic.by_key, run.key, at)
      call('ZADD', topic.newest, 0, at)
      topic.keys = topic.keys + 1
    end
  end
end
