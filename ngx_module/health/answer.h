// What a location answers now.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

#include "ngx_module/health/conf.h"

namespace gatehouse::health_feature {

struct Reply {
    ngx_uint_t status;
    std::string_view content_type, body;  ///< live as long as the request
};

/// Never fails: where no table has an answer, nginx has one of its own.
Reply reply_to(ngx_http_request_t& r, HealthConf& conf);

}  // namespace gatehouse::health_feature
