-- summary.lua, with a key at random in each request: ?k=0 to ?k=N-1. Usage: wrk … URL N
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")

local before, after, keys

function init(args)
    keys = tonumber(args[1])
    math.randomseed(os.time())
    before, after = wrk.format("GET", wrk.path .. "?k=@"):match("^(.*)@(.*)$")
end

function request()
    return before .. math.random(0, keys - 1) .. after
end
