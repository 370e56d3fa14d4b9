// What the directive of this feature says.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "ngx_module/cors/module.h"
#include "ngx_module/glue/location_trail.h"
#include "src/http/cors.h"

namespace gatehouse::cors_feature {

/// One `gate_cors`.
struct Policy {
    http::CorsRules rules;
    std::string max_age;  ///< as in the field
    bool off = false;
};

/// Of a location.
struct CorsConf {
    const Policy* policy = nullptr;  ///< nullptr: none said here or outside
};

/// In main_conf: without any policy nothing needs to be asked.
struct MainConf {
    bool used = false;
};

/// nullptr: the request is at a place without CORS.
inline const Policy* policy_of(const ngx_http_request_t& r) noexcept
{
    const auto* policy =
        glue::setting_of_answer(r, ngx_http_gatehouse_cors_module, &CorsConf::policy);
    return policy == nullptr || policy->off ? nullptr : policy;
}

}  // namespace gatehouse::cors_feature
