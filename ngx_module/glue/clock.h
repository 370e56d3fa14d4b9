// The time as nginx keeps it: read once per turn of the event loop, so asking costs nothing.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

namespace gatehouse::glue {

/// Unix time.
inline std::int64_t now_ms() noexcept
{
    const auto* now = ngx_timeofday();
    return std::int64_t{now->sec} * 1000 + now->msec;
}

}  // namespace gatehouse::glue
