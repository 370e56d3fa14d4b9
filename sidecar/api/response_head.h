// The status line and fields of an answer.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/base/api.h"

namespace gatehouse::api {

/// `now_s`: Unix time. What a field's name or value must not have leaves the field out.
std::string response_head(const Response& response, bool keep_alive, std::int64_t now_s);

}  // namespace gatehouse::api
