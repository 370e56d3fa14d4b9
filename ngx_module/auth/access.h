// Where gate_auth acts.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::auth_feature {

/// A handler of the ACCESS phase, the last of all. Under `satisfy any` its refusal is therefore the
/// last word, and 401 goes before 403.
ngx_int_t check_access(ngx_http_request_t& r);

/// A handler of the PREACCESS phase, for subrequests: nginx spares them the ACCESS phase. The
/// request that a subrequest belongs to may have been let in by another location's rules, or by
/// none, so its own location's are asked.
ngx_int_t check_subrequest(ngx_http_request_t& r);

/// A handler of the PREACCESS phase, the first of all: hides credentials that stand in the query,
/// and takes away the fields by which apps are told who a request is from.
ngx_int_t sanitize(ngx_http_request_t& r);

/// A handler of the POST_READ phase, the first of all: hides credentials in the query from the log
/// lines of those that act before the location is known.
ngx_int_t keep_out_of_logs(ngx_http_request_t& r);

/// For glue::on_guarded.
bool is_guarded(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::auth_feature
