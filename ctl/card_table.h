// The table of cards that `status` and `card list` print.
#pragma once

#include <string>

#include "ctl/json.h"

namespace gatehouse::ctl {

/// One line per card; below it one line per card that fails, with the reason.
std::string card_table(const Json& cards);

}  // namespace gatehouse::ctl
