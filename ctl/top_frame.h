// One frame of `gatehousectl top`, as text and as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "ctl/json.h"
#include "ctl/traffic.h"

namespace gatehouse::ctl {

/// Lines as long as they are; `lines` is room for the whole: endpoints that do not fit are left
/// out. `status` is the answer of GET /v1/status.
std::string top_text(const Traffic& traffic, const Json& status, std::size_t lines);

/// In one line, with an end of line.
std::string top_json(const Traffic& traffic, const Json& status);

}  // namespace gatehouse::ctl
