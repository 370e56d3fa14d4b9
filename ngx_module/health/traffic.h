// What all workers have counted together since nginx was started.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

namespace gatehouse::health_feature {

struct Traffic {
    std::int64_t started_at_ms = 0;  ///< Unix time; 0: nothing is counted
    std::uint64_t requests = 0;      ///< answered
    std::uint64_t errors = 0;        ///< of these with a status from 500 on
};

/// Summed up anew once a second at most: it reads the whole table of series.
const Traffic& traffic();

/// As of now.
std::int64_t open_websockets();

}  // namespace gatehouse::health_feature
