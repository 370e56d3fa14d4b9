// $gate_decision and $gate_reason.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::audit_feature {

/// In preconfiguration.
ngx_int_t add_variables(ngx_conf_t& cf);

/// Whether the configuration, once it is read, has one of them anywhere.
bool variables_are_used(const ngx_cycle_t& cycle) noexcept;

}  // namespace gatehouse::audit_feature
