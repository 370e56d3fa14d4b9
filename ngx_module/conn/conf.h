// What the directives of this feature say.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ngx_module/glue/complex_value.h"
#include "ngx_module/glue/log_throttle.h"
#include "src/conn/zone.h"
#include "src/http/problem.h"

namespace gatehouse::conn_feature {

/// A zone's memory, and this process's place in it. Outlives configurations.
struct LivingZone {
    std::string key;
    std::size_t bytes;
    conn::Zone zone;
    conn::Writer writer{};
};

/// One `gate_conn_zone`.
struct ZoneConf {
    std::string name;
    std::string place;  ///< "FILE:LINE" of the directive
    std::size_t bytes = 0;
    std::optional<glue::ComplexValue> key;

    // Set when the configuration takes effect.
    LivingZone* living = nullptr;
    std::uint16_t telemetry = 0;

    // Of the worker.
    mutable glue::LogThrottle refusals;
    mutable ngx_uint_t refusal_level = NGX_LOG_ERR;  ///< of the latest
    mutable glue::LogThrottle uncounted;
};

/// What a refused client gets, but for what is the request's own.
struct RefusalText {
    std::string detail;
    std::string policy;  ///< RateLimit-Policy
    std::string limit;   ///< RateLimit
    http::ProblemTemplate problem;
};

/// One `gate_conn`.
struct Rule {
    std::string zone_name;
    std::string place;               ///< "FILE:LINE" of the directive
    const ZoneConf* zone = nullptr;  ///< known once all of the configuration is read
    std::uint32_t limit = 0;
    conn::Class of = conn::Class::any;
    mutable std::map<ngx_uint_t, RefusalText> refusals;  ///< by status; made when first needed
};

/// Of a location.
struct ConnConf {
    std::vector<Rule>* rules = nullptr;  ///< nullptr: none said here; inherited
    bool off = false;
    ngx_uint_t status = NGX_CONF_UNSET_UINT;
    ngx_uint_t log_level = NGX_CONF_UNSET_UINT;
    ngx_flag_t dry_run = NGX_CONF_UNSET;
};

struct MainConf {
    std::vector<std::unique_ptr<ZoneConf>> zones;
    std::vector<std::vector<Rule>*> rules;  ///< of all locations that have some

    ZoneConf* find(std::string_view name) const noexcept
    {
        const auto found = std::find_if(zones.begin(), zones.end(),
                                        [&](const auto& zone) { return zone->name == name; });
        return found == zones.end() ? nullptr : found->get();
    }
};

}  // namespace gatehouse::conn_feature
