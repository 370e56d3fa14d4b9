// The tables of `gatehousectl limit`.
#pragma once

#include <string>
#include <vector>

#include "ctl/json.h"

namespace gatehouse::ctl {

std::string zone_table(const Json& zones);

/// A key as it was asked for, and the answer.
struct KeyStanding {
    std::string key;
    Json answer;
};
std::string standing_table(const std::vector<KeyStanding>& found);

std::string top_table(const Json& zones);

}  // namespace gatehouse::ctl
