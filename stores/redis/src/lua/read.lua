-- ARGV[6..]: 'read' or 'newest'; '1' if of one topic, and which; the first and the last position that are wanted; most records;
-- most bytes; '1' if the newest of these are wanted.
local refused = begin(true)
if refused then return refused end
local what, of_topic, name, first, last = ARGV[6], ARGV[7] == '1', ARGV[8], ARGV[9], ARGV[10]
local most, most_bytes, tail = tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13] == '1'
local topic = (of_topic or what == 'newest') and topic_of(name) or nil
if topic then notice_trim(topic) end
save()
local got, bytes = {}, 0

-- Whether there is room for more behind it.
local function give(entry)
  got[#got + 1] = entry
  bytes = bytes + #(field(entry[2], 'data') or '')
  return #got < most and bytes <= most_bytes
end

-- The entries of the stream from one position to another. Whether there is room for more.
local function from_stream(lowest, highest)
  local command, from, to, step = 'XRANGE', id_of(lowest), id_of(highest), 32
  if tail then command, from, to = 'XREVRANGE', to, from end
  while true do
    local entries = call(command, S, from, to, 'COUNT', math.min(step, most - #got))
    for _, entry in ipairs(entries) do
      if not give(entry) then return false end
    end
    if #entries < step then return true end
    from, step = '(' .. entries[#entries][1], math.min(step * 2, 256)
  end
end

local function lower(one, two) if one < two then return one end return two end

-- Those of a topic, whose index names runs.
local function from_runs(index)
  local command, to, step = 'ZRANGEBYLEX', '[' .. last .. 'g', 32
  -- What is wanted first may lie in the middle of one.
  local before = holder(index, first)
  local start, count
  if before then start, count = run_of(before) end
  local from = '[' .. (start and behind(start, count - 1) >= first and before or first)
  if tail then command, from, to = 'ZREVRANGEBYLEX', to, from end
  while true do
    local runs = call(command, index, from, to, 'LIMIT', 0, step)
    for _, name in ipairs(runs) do
      local at, length = run_of(name)
      if not from_stream(higher(at, first), lower(behind(at, length - 1), last)) then return end
    end
    if #runs < step then return end
    from, step = '(' .. runs[#runs], math.min(step * 2, 256)
  end
end

-- The newest of their keys, which another index names. What was trimmed is kept elsewhere.
local function from_newest()
  local command, from, to, step = 'ZRANGEBYLEX', '[' .. first, '[' .. last, 32
  if tail then command, from, to = 'ZREVRANGEBYLEX', to, from end
  while true do
    local places = call(command, topic.newest, from, to, 'LIMIT', 0, step)
    for _, at in ipairs(places) do
      local id = id_of(at)
      local entry = call('XRANGE', S, id, id)[1] or call('XRANGE', topic.kept, id, id)[1]
      if entry and not give(entry) then return end
    end
    if #places < step then return end
    from, step = '(' .. places[#places], math.min(step * 2, 256)
  end
end

local is_sole = meta.topics == 1 and not (topic and topic.is_new)
if most > 0 and first <= last then
  if what == 'newest' then
    from_newest()
  elseif not topic or is_sole then
    from_stream(first, last)
  else
    from_runs(topic.index)
  end
end
return { 'page', bounds_of(topic), got, is_sole and 1 or 0, meta.longest }
