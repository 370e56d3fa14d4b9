// What a request may, or must, say for `$name` in a card's SQL, and the values that its text may
// have.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/arguments.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

struct Parameter {
    std::string name;
    ParameterType type = ParameterType::string;
    bool required = true;                    ///< there is no default
    ArgumentValue fallback;                  ///< the default
    std::optional<double> minimum, maximum;  ///< of integer and number
    std::uint64_t max_length = 256;          ///< bytes of a string
    std::string pattern;                     ///< of a string, PCRE2; empty: any
    std::vector<std::string> values;         ///< of an enumeration
    std::string description;                 ///< for people

    bool operator==(const Parameter&) const = default;
};

/// The type's name in configurations.
std::string_view name_of(ParameterType type) noexcept;

/// The type of that name, or nothing.
std::optional<ParameterType> parameter_type_named(std::string_view name) noexcept;

/// What a text spells, exactly: no blanks around it, no leading zeros or plus sign, no exponent in
/// an integer, days that the calendar has (RFC 3339). An error completes "NAME ": "must be an
/// integer from 1 to 10".
Result<ArgumentValue> parse_value(const Parameter& parameter, std::string_view text);

/// The same for a type without further rules.
Result<ArgumentValue> parse_value(ParameterType type, std::string_view text);

}  // namespace gatehouse::sidecar
