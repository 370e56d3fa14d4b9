// What is told of a run beside its rows, as parameters of a query.
//
//     name=night+shift & time=2026-01-02T03:04:05Z & parameters={"seed":7} & param.seed=7
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/datasets/order.h"
#include "sidecar/datasets/outcome.h"

namespace gatehouse::datasets {

/// Whether a parameter of the query is about a run.
bool is_of_run_head(std::string_view name);

/// 400 for a time that is none, parameters that are no JSON object, and what is said twice. A
/// `param.` value that is a number, true, false or null in JSON is that, anything else a text.
Outcome<RunHead> run_head_in(std::string_view query);

/// `2026-01-02`, `2026-01-02T03:04:05[.678901][Z]`, a blank for the T: microseconds since 1970.
std::optional<std::int64_t> time_in(std::string_view text);

}  // namespace gatehouse::datasets
