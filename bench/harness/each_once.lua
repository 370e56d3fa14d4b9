-- summary.lua, with another key in each request: ?k=N, ?k=N+1, … Usage: wrk … URL N
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")

local before, after, key

function init(args)
    key = tonumber(args[1]) - 1
    before, after = wrk.format("GET", wrk.path .. "?k=@"):match("^(.*)@(.*)$")
end

function request()
    key = key + 1
    return before .. key .. after
end
