// $gate_user and its like.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::auth_feature {

/// To be called from preconfiguration.
ngx_int_t add_auth_variables(ngx_conf_t& cf);

}  // namespace gatehouse::auth_feature
