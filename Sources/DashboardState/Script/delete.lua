-- Deletes a document if the preconditions hold.
--
-- KEYS[1]  the state's key   KEYS[2]  where nothing lies, in the same slot of a cluster; not given where none is known
-- ARGV[1]  flags: 'c' the client wants the stored document if it is not deleted
-- ARGV[2]  If-Match   ARGV[3]  If-None-Match
--
-- Answers  deleted | nothing | failed [VERSION [document]]

local key = KEYS[1]
local old = stored(key)
if not preconditions_hold(old, ARGV[2], ARGV[3]) then
    return instead(KEYS[2], answer('failed', key, old, string.find(ARGV[1], 'c', 1, true)))
end
return ask('DEL', key) == 1 and 'deleted' or 'nothing'
