// Preconditions of GET and HEAD (RFC 9110 §13).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/http_date.h"
#include "src/http/validator.h"

namespace gatehouse::http {

/// The values of the request's fields; an absent field has none, an empty one has an empty value.
struct Preconditions {
    std::optional<std::string_view> if_match = {};
    std::optional<std::string_view> if_unmodified_since = {};
    std::optional<std::string_view> if_none_match = {};
    std::optional<std::string_view> if_modified_since = {};

    bool any() const noexcept
    {
        return if_match || if_unmodified_since || if_none_match || if_modified_since;
    }
};

enum class Verdict : std::uint8_t { proceed, not_modified, precondition_failed };

/// Evaluates in the order of RFC 9110 §13.2.2: If-Match, or else If-Unmodified-Since; then
/// If-None-Match, or else If-Modified-Since. A field counts as present even when its value is
/// malformed, but a malformed date is no condition. `now` only gives two-digit years a century.
///
/// To be asked only when the answer without conditions would be 200, after all guards.
Verdict evaluate(const Preconditions& conditions, const Validators& current,
                 UnixSeconds now) noexcept;

}  // namespace gatehouse::http
