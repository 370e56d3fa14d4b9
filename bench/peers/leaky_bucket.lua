-- A rate with a burst in a shared dictionary: the algorithm of limit_req, one get and one set a request.
local ffi = require "ffi"

ffi.cdef "struct bucket { double level, filled_at; };"

local size = ffi.sizeof("struct bucket")
local as_bucket = ffi.typeof("const struct bucket *")
local new = ffi.new("struct bucket")
local dict = ngx.shared.buckets

return function(key, rate, burst)
    local now = ngx.now()
    local level = 0
    local held = dict:get(key)
    if held then
        local bucket = ffi.cast(as_bucket, held)
        level = math.max(bucket.level - rate * (now - bucket.filled_at) + 1, 0)
        if level > burst then
            return ngx.exit(429)
        end
    end
    new.level, new.filled_at = level, now
    dict:set(key, ffi.string(new, size))
end
