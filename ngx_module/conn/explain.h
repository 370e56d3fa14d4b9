// What the caps would say of a request, without its entering any.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/trace.h"

namespace gatehouse::conn_feature {

/// For glue::on_explain.
void explain_caps(ngx_http_request_t& r, glue::Trace& trace);

}  // namespace gatehouse::conn_feature
