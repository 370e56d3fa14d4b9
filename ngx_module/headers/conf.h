// What the directives of this feature say.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>
#include <vector>

#include "ngx_module/headers/plan.h"
#include "ngx_module/headers/presets.h"

namespace gatehouse::headers_feature {

/// One `gate_header`.
struct Setting {
    std::string name;  ///< as written
    std::string lower;
    std::optional<Value> value;  ///< nothing: off
};

/// Of a location.
struct HeadersConf {
    std::optional<Preset> preset;
    std::vector<Setting> settings;  ///< after merging, those of outer levels too
    const Plan* plan = nullptr;     ///< nullptr: nothing is said here or outside
};

/// Without any plan nothing needs to be asked.
struct MainConf {
    bool used = false;
};

}  // namespace gatehouse::headers_feature
