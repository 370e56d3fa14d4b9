// What gate_auth would say of a request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/trace.h"

namespace gatehouse::auth_feature {

/// For glue::on_explain. Variables such as $gate_user have their values from then on.
void explain_access(ngx_http_request_t& r, glue::Trace& trace);

}  // namespace gatehouse::auth_feature
