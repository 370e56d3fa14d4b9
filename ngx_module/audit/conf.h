// What gate_audit says of a location.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>

#include "ngx_module/glue/last_decision.h"

extern "C" ngx_module_t ngx_http_gatehouse_audit_module;

namespace gatehouse::audit_feature {

using glue::AuditLevel;

struct AuditConf {
    std::optional<AuditLevel> level;
};

struct MainConf {
    bool in_use = false;                  ///< some location, or a level above it, has it on
    ngx_int_t country_index = NGX_ERROR;  ///< of $gate_country, where there is one
};

}  // namespace gatehouse::audit_feature
