// gate_geo_allow and gate_geo_deny in nginx's phases.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/trace.h"

namespace gatehouse::geo_feature {

/// The handler of the PREACCESS phase.
ngx_int_t check_origin(ngx_http_request_t& r);

/// For glue::on_explain.
void explain_origin(ngx_http_request_t& r, glue::Trace& trace);

}  // namespace gatehouse::geo_feature
