-- What other programs have added.

-- Sequences of UTF-8 that are longer than a byte: none in two ways, no surrogates, none past U+10FFFF.
local SEQUENCES = { '[\194-\223][\128-\191]', '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]',
  '\237[\128-\159][\128-\191]', '\240[\144-\191][\128-\191][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]',
  '\244[\128-\143][\128-\191][\128-\191]' }

local function is_utf8(text)
  if not string.find(text, '[\128-\255]') then return true end
  for _, sequence in ipairs(SEQUENCES) do text = string.gsub(text, sequence, ' ') end
  return not string.find(text, '[\128-\255]')
end

-- Whether it is a number of 64 bits.
local function is_number(text)
  local digits = string.match(text, '^%+?(%d+)$')
  digits = digits and string.gsub(digits, '^0+', '')
  return digits and (#digits < 20 or #digits == 20 and digits <= '18446744073709551615')
end

-- Why a record cannot stay: what the reader would leave out, and what cannot be stored behind what is there. nil if it can.
local function refusal(record, fields, ms, seq)
  if ms > MOST_MS or seq > MOST_SEQ then return 'its ID is out of range: let the server choose it, with *' end
  if #fields > MOST_FIELDS then return 'it has too many fields' end
  for _, text in ipairs(fields) do
    if not is_utf8(text) then return 'it is not UTF-8' end
  end
  local version = field(fields, 'v') or '1'
  if version ~= '1' and (string.find(version, '%D') or (tonumber(version) or 0) < 2) then return '`v` is no version' end
  if record.kind ~= 'event' then return nil end
  local event = field(fields, 'event') or ''
  if string.find(event, '[\r\n]') then return '`event` has a line break' end
  if string.find(record.id, '[\r\n%z]') then return '`id` has a line break or U+0000' end
  local retry = field(fields, 'retry')
  if retry and not is_number(retry) then return '`retry` is no number of milliseconds' end
  if not field(fields, 'data') then return '`data` is missing' end
  if record.is_tombstone and record.key == '' then return 'a tombstone without `key`' end
  local topic = topic_of(record.topic)
  if topic.finished ~= '' then return 'its topic is finished' end
  if retains(topic, record.id) then
    -- It may lie in what another program has trimmed.
    notice_trim(topic)
    if retains(topic, record.id) then return 'its `id` is retained' end
  end
  return nil
end

-- Takes what other programs have added to the stream since the last script ran, before anybody reads it.
local function adopt()
  local after = string.format('%.0f-%d', ms_of(meta.last), seq_of(meta.last) + 1)
  local took = 0
  while true do
    local added = call('XRANGE', S, after, '+', 'COUNT', 100)
    if #added > 0 then begin_writing() end
    for _, entry in ipairs(added) do
      local id, fields = entry[1], entry[2]
      local ms, seq = parts(id)
      local record = record_of(fields)
      local why = refusal(record, fields, ms, seq)
      if why then
        call('XDEL', S, id)
        call('XADD', S .. ':refused', 'MAXLEN', '~', 1000, '*', 'why', why, 'entry', id,
          unpack(fields, 1, math.min(#fields, MOST_FIELDS)))
        if ms <= MOST_MS and seq <= MOST_SEQ then meta.last, meta.changed = position(ms, seq), true end
      else
        take(record, position(ms, seq))
      end
      after = string.format('(%s', id)
    end
    took = took + #added
    if #added < 100 then break end
  end
  if took > 0 then count_added() end
end

-- Every script begins with it, and says whether it only reads. What is answered if the log is another.
local function begin(reads)
  is_reading = reads
  load_meta()
  if not meta.epoch or meta.epoch ~= ARGV[1] then return { 'epoch' } end
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local first = first_entry()
  notice_trim_of_log(first)
  notice_unseen(first)
  adopt()
  trim_aged(now)
  return nil, now
end

local function bounds_of(topic)
  if not topic then return { meta.last, meta.trimmed, meta.keys_trimmed, '', NONE } end
  return { meta.last, topic.trimmed, topic.keys_trimmed, topic.finished, topic.closed }
end
