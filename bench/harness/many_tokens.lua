-- summary.lua, with another bearer token in each request, round and round. Usage: wrk … URL FILE (a token a line)
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "summary.lua")

local requests, at = {}, 0

function init(args)
    for token in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", wrk.path, {Authorization = "Bearer " .. token})
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
