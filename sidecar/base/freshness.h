// When something that was fetched is to be fetched again. No clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::sidecar {

struct FreshBounds {
    std::int64_t least_ms = 300'000;    ///< however short the answer says
    std::int64_t most_ms = 86'400'000;  ///< however long
    std::int64_t usual_ms = 3'600'000;  ///< where it says nothing

    bool operator==(const FreshBounds&) const = default;
};

/// How long an answer with these fields is fresh (RFC 9111 §4.2: max-age less Age; no-cache and
/// no-store are at once), within the bounds.
std::int64_t fresh_for_ms(std::string_view cache_control, std::string_view age,
                          const FreshBounds& bounds) noexcept;

/// The wait after so many failures in a row: doubling from `first_ms` up to `most_ms`.
std::int64_t doubled_ms(unsigned failures, std::int64_t first_ms, std::int64_t most_ms) noexcept;

/// The wait for a key set: from half a minute up to ten.
std::int64_t retry_after_ms(unsigned failures) noexcept;

/// The wait that a field Retry-After asks for (RFC 9110 §10.2.3: seconds, or a date), not negative.
/// Nothing: there is none, or it says neither.
std::optional<std::int64_t> asked_wait_ms(std::string_view retry_after,
                                          std::int64_t unix_ms) noexcept;

}  // namespace gatehouse::sidecar
