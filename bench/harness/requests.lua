-- summary.lua, with several requests sent at a time, and a key at random in each: ?k=0 to ?k=N-1.
-- Usage: wrk … URL AT_A_TIME N; N = 0: the path as it is
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")

local at_a_time, keys, before, after, ready
local parts = {}

function init(args)
    at_a_time, keys = tonumber(args[1]), tonumber(args[2])
    math.randomseed(os.time())
    before, after = wrk.format("GET", wrk.path .. "?k=@"):match("^(.*)@(.*)$")
    ready = string.rep(wrk.format("GET"), at_a_time)
end

function request()
    if keys == 0 then
        return ready
    end
    for i = 1, at_a_time do
        local last = (i - 1) * 3
        parts[last + 1], parts[last + 2], parts[last + 3] = before, math.random(0, keys - 1), after
    end
    return table.concat(parts)
end
