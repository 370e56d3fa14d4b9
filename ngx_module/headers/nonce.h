// $gate_csp_nonce.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::headers_feature {

/// To be called from preconfiguration.
ngx_int_t add_nonce(ngx_conf_t& cf);

/// To be called from postconfiguration: makes nginx remember the value for the request, whoever
/// asks first, a header field or the body.
ngx_int_t remember_nonce(ngx_conf_t& cf) noexcept;

}  // namespace gatehouse::headers_feature
