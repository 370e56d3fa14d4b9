// What one request asks of a card: the values of its parameters, and what it wants of the rows.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/base/arguments.h"
#include "sidecar/config/types.h"

namespace gatehouse::on_demand {

enum class Comparison : std::uint8_t { equal, not_equal, less, at_most, more, at_least, contains };

struct Condition {
    std::string column;
    Comparison comparison = Comparison::equal;
    std::string text;  ///< the value, as the request has it

    bool operator==(const Condition&) const = default;
};

struct SortKey {
    std::string column;
    bool descending = false;

    bool operator==(const SortKey&) const = default;
};

/// One value for each column that rows are sorted by; nothing: NULL.
using CursorValues = std::vector<std::optional<std::string>>;

struct Options {
    std::vector<std::string> fields;  ///< empty: all
    std::vector<Condition> filter;
    std::vector<SortKey> sort;
    std::optional<std::uint64_t> limit;
    std::optional<CursorValues> after;
    std::optional<std::uint64_t> points;

    bool operator==(const Options&) const = default;
};

struct Question {
    std::string key;  ///< of the variant: path?name=value&…
    sidecar::Arguments arguments;
    Options options;
};

/// A parameter that is not as it must be; `reason` completes "NAME ".
struct InvalidParam {
    std::string name;
    std::string reason;

    bool operator==(const InvalidParam&) const = default;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// `in_path`: the values of the path's `{name}`s; `query`: the decoded parameters, in any order,
/// without `format`. All that is wrong is found: unknown names, names twice, missing ones, values.
std::variant<Question, std::vector<InvalidParam>> question_of(const config::Card& card,
                                                              std::string key, const Pairs& in_path,
                                                              const Pairs& query);

/// The cursor that leads on from a row with these values, and what it says.
std::string cursor_text(const CursorValues& values);
std::optional<CursorValues> cursor_values(std::string_view cursor);

}  // namespace gatehouse::on_demand
