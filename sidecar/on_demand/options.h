// The query options fields, filter, sort, limit, cursor and points. Private to on_demand/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/on_demand/question.h"

namespace gatehouse::on_demand {

inline constexpr std::size_t most_fields = 64;
inline constexpr std::size_t most_conditions = 16;
inline constexpr std::size_t most_sort_keys = 8;
inline constexpr std::size_t longest_column = 128;

/// Reads one option into `out`. Returns why not, completing "NAME "; nothing if all is well.
std::optional<std::string> read_option(const config::Card& card, std::string_view name,
                                       std::string_view text, Options& out);

/// The order with the key at its end, so that no two rows are equal in it.
std::vector<SortKey> with_key(std::vector<SortKey> sort, const std::string& key);

}  // namespace gatehouse::on_demand
