-- The most frequent save by far, ahead of all else: without preconditions, over nothing or over an older document of
-- this service, which tells its version in its first bytes. Whatever this leaves open is decided below.
--
-- KEYS[1]  the state's key
-- KEYS[2]  where the document lies that was sent ahead of this script; where it is an argument, nothing lies there. Not
--          given where no such key is known to lie in the same slot of a cluster
-- ARGV[1]  the document, or its head up to the state, which ends in a colon, where it was sent ahead
-- ARGV[2]  its version   ARGV[3]  seconds to live
-- ARGV[4]  flags, or not given: see below
--
-- A script that fails has changed no state: whatever can fail comes before the first write to the state's key.

local key, spare, ttl = KEYS[1], KEYS[2], ARGV[3]
local is_staged = string.byte(ARGV[1], -1) == 58

-- Ends the script with an error that says which command Redis refused, and why.
local function fail(command, reply) error(command .. ' refused: ' .. reply.err, 0) end

-- Puts the document in its place.
local function write(outcome)
    if not is_staged then
        local done = redis.pcall('SET', key, ARGV[1], 'EX', ttl)
        if done.err then fail('SET', done) end
        return outcome
    end
    -- A key that is renamed keeps its time to live.
    local lives = redis.pcall('EXPIRE', spare, ttl)
    if lives == 0 then return 'unstaged' end
    if lives ~= 1 then fail('EXPIRE', lives) end
    local done = redis.pcall('RENAME', spare, key)
    if done.err then
        redis.pcall('UNLINK', spare)
        fail('RENAME', done)
    end
    return outcome
end

if not ARGV[4] then
    local first = redis.pcall('GETRANGE', key, 0, 47)
    if first == '' then return write('saved') end
    local version = type(first) == 'string' and string.match(first, '^{"version":(%d+),"lastModified":"')
    if version and tonumber(ARGV[2]) > tonumber(version) then return write('replaced') end
end
