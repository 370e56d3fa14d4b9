// What the telemetry's directives say.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>
#include <vector>

#include "ngx_module/glue/telemetry.h"

extern "C" ngx_module_t ngx_http_gatehouse_telemetry_module;

namespace gatehouse::telemetry_feature {

struct RouteConf {
    ngx_str_t name;          ///< of gate_route; empty: not set
    ngx_str_t label;         ///< the name, or else the location's pattern; empty: "other"
    std::uint16_t endpoint;  ///< the label's index, from init_module on

    // Of this worker: the counter of the request that ended here last.
    std::uint16_t last_series;   ///< 0: none yet
    std::uint32_t last_outcome;  ///< its status and method
};

struct TelemetryConf {
    std::optional<glue::KeyDisplay> keys;
    std::vector<std::string> routes;    ///< every gate_route
    std::vector<RouteConf*> locations;  ///< of every location and server
};

}  // namespace gatehouse::telemetry_feature
