// The formats of the schema: what a string must be beyond a pattern. Each is one row of a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// What is wrong with a text: continues a sentence that starts with the text. `hint` may be empty.
struct Complaint {
    std::string message;
    std::string hint;
};

/// Nothing when `text` is of that format. `expected` is the schema's own words for it, or empty.
/// Formats: gate-duration gate-size gate-cron gate-timezone gate-path gate-url-path
/// gate-header-value.
std::optional<Complaint> check_format(std::string_view format, const std::string& text,
                                      const std::string& expected);

bool is_format(std::string_view name);

}  // namespace gatehouse::config
