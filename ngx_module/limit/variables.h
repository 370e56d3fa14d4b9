// $gate_limit_status and its kin.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::limit_feature {

/// To be called from preconfiguration.
ngx_int_t add_limit_variables(ngx_conf_t& cf);

}  // namespace gatehouse::limit_feature
