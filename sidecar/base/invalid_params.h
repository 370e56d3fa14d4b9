// The answer to a request whose parameters are not as they must be.
#pragma once

#include <vector>

#include "sidecar/base/api.h"

namespace gatehouse::api {

/// 400 with `invalid-params`: the name of each, and a reason that completes "NAME ".
Response invalid_params(const Request& request, const std::vector<Field>& names_and_reasons);

}  // namespace gatehouse::api
