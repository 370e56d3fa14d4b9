// What CORS would do with a request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/trace.h"

namespace gatehouse::cors_feature {

/// For glue::on_explain.
void explain_cors(ngx_http_request_t& r, glue::Trace& trace);

}  // namespace gatehouse::cors_feature
