-- What wrk sends. From the environment:
--
--   OPERATION  get, save, or mixed: four reads to one save
--   STATES     where the bodies lie: STATES-0.tail, … each a save's body without its beginning, `{"version":7`
--   VARIANTS   how many there are
--   USERS      how many users take turns
--   BASE       the versions of saves rise from here

local operation, states = os.getenv('OPERATION'), os.getenv('STATES')
local variants, users, base = tonumber(os.getenv('VARIANTS')), tonumber(os.getenv('USERS')), tonumber(os.getenv('BASE'))
local gets, posts, tails, count = {}, {}, {}, 0

for variant = 0, variants - 1 do
    local file = assert(io.open(states .. '-' .. variant .. '.tail', 'rb'))
    tails[variant] = file:read('*a')
    file:close()
end

-- A request's head, made when its user's turn comes for the first time.
local function head(made, method, rest, user)
    local text = made[user]
    if not text then
        text = method .. ' /api/dashboard/state HTTP/1.1\r\nHost: bench\r\nX-Bench-User: u'
            .. string.format('%07d', user) .. '\r\n' .. rest
        made[user] = text
    end
    return text
end

function request()
    count = count + 1
    -- Far apart, as users come, and in another order each time around.
    local user = (count + math.floor(count / users)) * 7919 % users
    if operation == 'get' or operation == 'mixed' and count % 5 ~= 0 then
        return head(gets, 'GET', '\r\n', user)
    end
    local start, tail = string.format('{"version":%.0f', base + count), tails[count % variants]
    return head(posts, 'POST', 'Content-Type: application/json\r\nContent-Length: ', user)
        .. (#start + #tail) .. '\r\n\r\n' .. start .. tail
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('RESULT {"requests": %.0f, "microseconds": %.0f, "bytes": %.0f, "p50": %.0f, "p99": %.0f, "errors": %.0f}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
