// The limits in nginx's phases.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

/// The phase handler of a stage.
template <Stage Which>
ngx_int_t check_limits(ngx_http_request_t& r);

extern template ngx_int_t check_limits<Stage::client>(ngx_http_request_t& r);
extern template ngx_int_t check_limits<Stage::identity>(ngx_http_request_t& r);
extern template ngx_int_t check_limits<Stage::miss>(ngx_http_request_t& r);

/// In the LOG phase: what is counted by the status of the response.
ngx_int_t count_by_status(ngx_http_request_t& r);

}  // namespace gatehouse::limit_feature
