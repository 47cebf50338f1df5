-- Deletes a document if the preconditions hold, which are empty where there are none.
--
-- KEYS[1]  the state's key   KEYS[2]  where nothing lies, in the same slot of a cluster; not given where none is known
-- ARGV[1]  flags: 'c' the client wants the stored document if it is not deleted; 'w' something is to be
--          written in any case, since WAIT speaks for writes alone: of a key that was gone, replicas may not know yet
-- ARGV[2]  If-Match   ARGV[3]  If-None-Match
--
-- Answers  deleted | nothing | failed [VERSION [document]]

local key = KEYS[1]
local old = stored(key)
if not preconditions_hold(old, ARGV[2], ARGV[3]) then
    return instead(KEYS[2], answer('failed', key, old, string.find(ARGV[1], 'c', 1, true)))
end
if ask('DEL', key) == 1 then return 'deleted' end
if string.find(ARGV[1], 'w', 1, true) then
    ask('SET', key, '', 'PX', 1000)
    ask('DEL', key)
end
return 'nothing'
