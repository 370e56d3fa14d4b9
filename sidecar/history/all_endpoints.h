// Steps of all endpoints together: written beside those of each, so that a chart of the whole reads
// one row a step, however many endpoints there are.
#pragma once

namespace gatehouse::history {

/// What they are of, in place of an endpoint. None is called so.
inline constexpr const char* all_endpoints = "";

}  // namespace gatehouse::history
