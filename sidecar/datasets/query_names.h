// Parameters that a request has and nobody reads: a misspelt one must not do more than was asked.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/datasets/order.h"

namespace gatehouse::datasets {

/// The names in the query that are not `known`, once each, and what is wrong with them ("is …").
std::vector<std::pair<std::string, std::string>> unknown_names(
    const Settings& settings, std::string_view query,
    const std::function<bool(std::string_view)>& known);

}  // namespace gatehouse::datasets
