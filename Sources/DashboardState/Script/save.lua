-- Saves a document, or says why not: every rule of a save in one atomic step.
--
-- KEYS[1]  the state's key
-- ARGV[1]  the document   ARGV[2]  seconds to live
-- ARGV[3]  flags: 'm' the client sent lastModified, 'c' it wants the stored document if this one is not saved
-- ARGV[4]  If-Match   ARGV[5]  If-None-Match
--
-- Answers  saved | replaced | unchanged ETAG | refused VERSION [document] | failed [VERSION [document]]

local key, document, ttl, flags = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local new, old = head_of(document), stored(key)
local wants_document = string.find(flags, 'c', 1, true)

local function write(outcome)
    local done = redis.pcall('SET', key, document, 'EX', ttl)
    if done.err then return done end
    return outcome
end

local function is_repeated()
    return old and old.version == new.version and same_state(key, old, document, new)
end

local function unchanged()
    redis.call('EXPIRE', key, ttl)
    return 'unchanged ' .. old.etag
end

if not preconditions_hold(old, ARGV[4], ARGV[5]) then
    -- It fails because this very save has happened already: its answer got lost.
    if is_repeated() then return unchanged() end
    return answer('failed', key, old, wants_document)
end
if not old then return write('saved') end
if new.version < old.version then return answer('refused', key, old, wants_document) end
if new.version == old.version then
    if is_repeated() then return unchanged() end
    if string.find(flags, 'm', 1, true) and new.modified < old.modified then
        return answer('refused', key, old, wants_document)
    end
end
return write('replaced')
