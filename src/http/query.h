// Parameters of a raw query string, as browsers write it (application/x-www-form-urlencoded).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/base/representation.h"

namespace gatehouse::http {

/// A parameter as it stands in the query string.
struct QueryParameter {
    enum class Count : std::uint8_t { none, one, several };

    Count count = Count::none;
    std::string_view raw_value;  // of the first one, still percent-encoded; empty without `=`
};

/// Finds `name` (compared after decoding) and stops at its second occurrence. Linear in the query,
/// whatever else stands in it.
QueryParameter find_parameter(std::string_view query, std::string_view name) noexcept;

/// Decodes `%XX` and `+` into `out` and returns the part of it that was written. Nothing for a `%`
/// without two hex digits, and for a value longer than `out`.
std::optional<std::string_view> percent_decode(std::string_view raw, std::span<char> out) noexcept;

/// What `format=` asks for. Both `duplicate` and `unknown` deserve a 400.
struct FormatQuery {
    enum class Kind : std::uint8_t { absent, named, duplicate, unknown };

    Kind kind = Kind::absent;
    Format format = Format::json;  // when named
};

/// REQUIRES: `query` is what follows the `?`.
FormatQuery find_format(std::string_view query) noexcept;

}  // namespace gatehouse::http
