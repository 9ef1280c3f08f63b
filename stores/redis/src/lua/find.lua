-- ARGV[6..]: the topic, the ID.
local refused = begin(true)
if refused then return refused end
save()
local own = ARGV[7]
local topic = topic_of(ARGV[6])
local at = call('HGET', topic.ids, own)
if not at and own ~= '' and topic.boundary == own then at = topic.trimmed end
return { 'found', at or '' }
