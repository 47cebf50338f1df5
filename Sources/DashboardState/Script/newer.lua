-- The most frequent save by far, ahead of all else: without preconditions, over nothing or over an older document of
-- this service, which tells its version in its first bytes. Whatever this leaves open is decided below.
--
-- KEYS[1]  the state's key
-- KEYS[2]  where the document lies that was sent ahead of this script; not given where it is an argument
-- ARGV[1]  the document, or its head up to the state where KEYS[2] is given
-- ARGV[2]  its version   ARGV[3]  seconds to live
-- ARGV[4]  flags, or not given: see below

local key, staging, ttl = KEYS[1], KEYS[2], ARGV[3]

-- Puts the document in its place.
local function write(outcome)
    if not staging then
        local done = redis.pcall('SET', key, ARGV[1], 'EX', ttl)
        return done.err and done or outcome
    end
    local done = redis.pcall('RENAME', staging, key)
    if done.err then return string.find(done.err, 'no such key', 1, true) and 'unstaged' or done end
    redis.call('EXPIRE', key, ttl)
    return outcome
end

if not ARGV[4] then
    local first = redis.pcall('GETRANGE', key, 0, 47)
    if first == '' then return write('saved') end
    local version = type(first) == 'string' and string.match(first, '^{"version":(%d+),"lastModified":"')
    if version and tonumber(ARGV[2]) > tonumber(version) then return write('replaced') end
end
