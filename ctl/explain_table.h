// A trace for people.
#pragma once

#include <string>

#include "ctl/json.h"

namespace gatehouse::ctl {

/// One line for each step, and what comes of them. Verdicts have colours where `coloured`; those of
/// steps that would not be reached stand in parentheses.
std::string explain_table(const Json& trace, bool coloured);

}  // namespace gatehouse::ctl
