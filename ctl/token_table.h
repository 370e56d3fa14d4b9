// The tables of `gatehousectl token`.
#pragma once

#include <string>
#include <vector>

#include "ctl/json.h"

namespace gatehouse::ctl {

std::string token_table(const std::vector<Json>& tokens);

/// One token, with its secrets where the answer has them.
std::string token_page(const Json& token);

}  // namespace gatehouse::ctl
