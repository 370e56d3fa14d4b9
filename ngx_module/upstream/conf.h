// What gate_check says in an upstream.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "ngx_module/glue/content.h"
#include "src/upstream/config.h"

namespace gatehouse::upstream_feature {

struct CheckConf {
    bool set = false;
    upstream::Check check;
    std::int64_t slow_start_ms = 0;
    std::string place;  ///< "FILE:LINE"
};

struct MainConf {
    glue::ContentLocations locations;
};

}  // namespace gatehouse::upstream_feature
