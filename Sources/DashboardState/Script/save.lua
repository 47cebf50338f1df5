-- Saves a document, or says why not: every rule of a save in one atomic step. See above for KEYS and ARGV[1] to [3].
--
-- ARGV[4]  flags: 'm' the client sent lastModified, 'c' it wants the stored document if this one is not saved
-- ARGV[5]  If-Match   ARGV[6]  If-None-Match
--
-- Answers  saved | replaced | unchanged ETAG | refused VERSION [document] | failed [VERSION [document]] | unstaged

if is_staged and ask('EXISTS', spare) == 0 then return 'unstaged' end
local flags = ARGV[4] or ''
local new, old = head_of(ARGV[1], is_staged), stored(key)
local wants_document = string.find(flags, 'c', 1, true)

local function is_repeated()
    if not old or old.version ~= new.version then return false end
    if old.checksum and new.checksum then return old.checksum == new.checksum end
    local document = ARGV[1]
    if is_staged then document = ask('GET', spare) end
    return same_state(key, old, document, new)
end

local function unchanged()
    local result = instead(spare, 'unchanged ' .. old.etag)
    ask('EXPIRE', key, ttl)
    return result
end

if not preconditions_hold(old, ARGV[5] or '', ARGV[6] or '') then
    -- It fails because this very save has happened already: its answer got lost.
    if is_repeated() then return unchanged() end
    return instead(spare, answer('failed', key, old, wants_document))
end
if not old then return write('saved') end
if new.version < old.version then return instead(spare, answer('refused', key, old, wants_document)) end
if new.version == old.version then
    if is_repeated() then return unchanged() end
    if string.find(flags, 'm', 1, true) and new.modified < old.modified then
        return instead(spare, answer('refused', key, old, wants_document))
    end
end
return write('replaced')
