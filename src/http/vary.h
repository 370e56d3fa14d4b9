// The Vary field (RFC 9110 §12.5.5).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::http {

/// A name as it is written, and for comparisons.
struct VaryName {
    std::string_view text;
    std::string_view lower;
};

/// The names that must be in Vary and are not, as a list; empty if none is missing. `*` says all.
std::string missing_in_vary(std::string_view vary, std::span<const VaryName> names);

}  // namespace gatehouse::http
