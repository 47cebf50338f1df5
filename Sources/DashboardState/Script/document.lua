-- What a decision needs to know of a document. Put in front of each script.
--
-- A document of this service starts with its small members:
--   {"version":7,"lastModified":"2026-01-01T00:00:00.000Z","etag":"…","checksum":"…","ancestry":"…","state":{…}}
-- so its first 288 bytes tell all but the state. What other software wrote ({"version":…,"state":…} in any order) is
-- decoded instead, which costs Redis several times as much, and only until the next save.

local MAX_VERSION = 9007199254740991
-- Each time that this service writes has 24 characters.
local ANY_TIME = string.rep('.', 24)
-- How deep a member's value may be nested: the object around it counts too, and 128 are the limit.
local DEEPEST = 127

-- Asks Redis, and ends the script where it refuses: no error is an answer.
local function ask(command, ...)
    local reply = redis.pcall(command, ...)
    if type(reply) == 'table' and reply.err then error(command .. ' refused: ' .. reply.err, 0) end
    return reply
end

-- Version, time, entity tag, checksum, and the position of the state, of a document in this service's own form.
-- `is_only_head`: the text ends where the state begins.
local function head_of(text, is_only_head)
    local version, modified, etag, at =
        string.match(text, '^{"version":(%d+),"lastModified":"(' .. ANY_TIME .. ')","etag":"([%w_-]+)",()')
    if not version then return nil end
    local checksum, after = string.match(text, '^"checksum":"([^"\\]+)",()', at)
    after = after or at
    local ancestry, behind = string.match(text, '^"ancestry":"([^"\\]+)",()', after)
    local state = string.match(text, is_only_head and '^"state":()$' or '^"state":(){', behind or after)
    local is_short = #version <= 16 and #etag <= 64 and #(checksum or '') <= 64 and #(ancestry or '') <= 64
    if not state or not is_short or tonumber(version) > MAX_VERSION then return nil end
    return { version = tonumber(version), modified = modified, etag = etag, checksum = checksum, state = state }
end

-- The position after the string that starts at `at`.
local function after_string(text, at)
    at = at + 1
    while true do
        local found = string.find(text, '["\\]', at)
        if string.sub(text, found, found) == '"' then return found + 1 end
        at = found + 2
    end
end

-- The position after the value that starts at `at`, or nil where it is nested too deep.
local function after_value(text, at)
    local first = string.sub(text, at, at)
    if first == '"' then return after_string(text, at) end
    if first ~= '{' and first ~= '[' then return string.find(text, '[%s,}%]]', at) end
    local depth = 0
    while true do
        at = string.find(text, '["{}%[%]]', at)
        local found = string.sub(text, at, at)
        if found == '"' then
            at = after_string(text, at)
        else
            depth = depth + ((found == '{' or found == '[') and 1 or -1)
            at = at + 1
            if depth == 0 then return at end
            if depth > DEEPEST then return nil end
        end
    end
end

-- Whether what stands outside of strings is a literal or a number (RFC 8259): cjson takes more.
local function is_scalar(token)
    if token == 'true' or token == 'false' or token == 'null' then return true end
    local rest = string.match(token, '^%-?0(.*)$') or string.match(token, '^%-?[1-9]%d*(.*)$')
    if not rest then return false end
    rest = string.match(rest, '^%.%d+(.*)$') or rest
    return rest == '' or string.match(rest, '^[eE][+-]?%d+$') ~= nil
end

-- Well-formed UTF-8, as byte sequences of more than one byte (RFC 3629, section 4).
local SEQUENCES = {
    '[\194-\223][\128-\191]', '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]',
    '\237[\128-\159][\128-\191]', '\240[\144-\191][\128-\191][\128-\191]',
    '[\241-\243][\128-\191][\128-\191][\128-\191]', '\244[\128-\143][\128-\191][\128-\191]',
}

local function is_utf8(text)
    for _, sequence in ipairs(SEQUENCES) do
        if not string.find(text, '[\128-\255]') then return true end
        text = string.gsub(text, sequence, ' ')
    end
    return not string.find(text, '[\128-\255]')
end

-- Whether text that cjson decodes is JSON to the letter, as it is to those who read it.
local function is_strict(text)
    if string.find(text, '%z') or not is_utf8(text) then return false end
    local plain = string.gsub(text, '\\.', '')
    for content in string.gmatch(plain, '"[^"]*"') do
        if string.find(content, '[\1-\31]') then return false end
    end
    for token in string.gmatch(string.gsub(plain, '"[^"]*"', '""'), '[^%s%[%]{}:,"]+') do
        if not is_scalar(token) then return false end
    end
    return true
end

-- The members of an object whose syntax holds, each with its bytes, or nil where two have one name or one is too deep.
local function members_of(text)
    local members = {}
    local at = string.find(text, '"', 1, true)
    while at do
        local after_name = after_string(text, at)
        local name = cjson.decode('[' .. string.sub(text, at, after_name - 1) .. ']')[1]
        local value = string.match(text, '^%s*:%s*()', after_name)
        local after = after_value(text, value)
        if not after or members[name] then return nil end
        members[name] = { value, after - 1 }
        at = string.match(text, '^%s*,%s*()', after)
    end
    return members
end

-- A document that other software stored, or nil: what a read takes for one, no more and no less. Its entity tag is derived
-- from its bytes.
local function foreign(text)
    -- cjson takes no half of a pair of surrogates, which JavaScript writes.
    local whole = string.gsub(text, '\\u[dD][89a-fA-F]%x%x', '\\u0041')
    local decoded, document = pcall(cjson.decode, whole)
    if not decoded or not string.find(whole, '^%s*{') or not is_strict(whole) then return nil end
    local members = members_of(whole)
    if not members or not members.version or not members.state then return nil end
    local version = string.sub(text, members.version[1], members.version[2])
    local state = string.sub(text, members.state[1], members.state[2])
    if not string.match(version, '^%d+$') or #version > 16 or string.sub(state, 1, 1) ~= '{' then return nil end
    version = tonumber(version)
    if version > MAX_VERSION then return nil end
    local modified = type(document.lastModified) == 'string' and document.lastModified or ''
    -- Only the fixed form compares byte by byte; any other is no reason to refuse a save.
    if not string.match(modified, '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$') then modified = '' end
    return { version = version, modified = modified, etag = redis.sha1hex(text), text = state }
end

-- What is stored under `key`, or nil where nothing is, or nothing that is a document.
local function stored(key)
    local first = redis.pcall('GETRANGE', key, 0, 287)
    if type(first) ~= 'string' then
        -- A value of another kind is no document; any other error says nothing about what is stored.
        if string.find(first.err, '^%-?WRONGTYPE ') then return nil end
        error('GETRANGE refused: ' .. first.err, 0)
    end
    if first == '' then return nil end
    local head = head_of(first)
    -- A document that was cut short is none.
    if head and ask('GETRANGE', key, -2, -1) == '}}' then return head end
    return foreign(ask('GET', key))
end

-- Whether the state in `document`, whose head is `new`, is the one that is stored, byte by byte.
local function same_state(key, old, document, new)
    if old.text then return old.text == string.sub(document, new.state, -2) end
    local length = ask('STRLEN', key) - old.state
    return length == #document - new.state
        and ask('GETRANGE', key, old.state - 1, -1) == string.sub(document, new.state)
end

-- Whether If-Match and If-None-Match hold: each '' (not sent), '*', or entity tags as ',a,b,'.
local function preconditions_hold(old, match, none_match)
    local function lists(tags) return tags == '*' or string.find(tags, ',' .. old.etag .. ',', 1, true) end
    if match ~= '' and not (old and lists(match)) then return false end
    return none_match == '' or not (old and lists(none_match))
end

-- An answer that says which version is stored, with the document behind it where the client asked for it.
local function answer(outcome, key, old, wants_document)
    if not old then return outcome end
    local line = outcome .. ' ' .. string.format('%.0f', old.version)
    if not wants_document then return line end
    return line .. '\n' .. ask('GET', key)
end

-- The result of a decision that changes nothing. A document that was sent ahead is done with; and as this is a write in
-- any case, a replica, which may be behind, refuses it and so decides nothing.
local function instead(spare, result)
    if spare then ask('UNLINK', spare) end
    return result
end
