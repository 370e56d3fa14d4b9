// gate_require: what an identity must have.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>
#include <vector>

#include "ngx_module/auth/conf.h"
#include "ngx_module/glue/identity.h"

namespace gatehouse::auth_feature {

/// The first requirement that does not hold; nullptr: all do.
const Requirement* unmet(ngx_http_request_t& r, const std::vector<Requirement>& requirements,
                         const glue::Identity& identity);

/// "scope:read", "claim:tier=gold", "variable"
std::string text_of(const Requirement& requirement);

/// The scopes among them, separated by blanks.
std::string required_scopes(const std::vector<Requirement>& requirements);

}  // namespace gatehouse::auth_feature
