// The values that `$NAME` stands for in a layout. Internal to layout.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/health/layout.h"

namespace gatehouse::checks {

/// What names mean where they stand.
struct Scope {
    const Report& report;
    const Words& words;
    const CheckReport* check = nullptr;  ///< inside of "$checks"
};

/// The JSON text, or slot, of a name without its `$`; nothing: there is no such name.
std::optional<std::string> value_of(std::string_view name, const Scope& scope);

/// The plain text of a name that is a word: for "$case" and "$key". Empty: it is none.
std::string word_of(std::string_view name, const Scope& scope);

}  // namespace gatehouse::checks
