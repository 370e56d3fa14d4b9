// What a request to the control API says about a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/limits/key_text.h"
#include "sidecar/limits/plan_windows.h"
#include "src/base/result.h"

namespace gatehouse::limits {

struct KeyQuery {
    std::string key;
    KeyForm form = KeyForm::automatic;
    PlanWords said;
};

Result<KeyQuery> key_query(std::string_view query);

/// Empty where it is absent or not well encoded.
std::string parameter(std::string_view query, std::string_view name);

/// Nothing where it is absent; an error where it is no whole number.
Result<std::optional<std::uint64_t>> number_parameter(std::string_view query,
                                                      std::string_view name);

}  // namespace gatehouse::limits
