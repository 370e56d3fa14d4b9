// When a fetched key set is to be fetched again. No clock.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::sidecar {

struct KeysetBounds {
    std::int64_t least_ms = 5 * 60'000;     ///< however short the answer says
    std::int64_t most_ms = 24 * 3'600'000;  ///< however long
    std::int64_t usual_ms = 60 * 60'000;    ///< where it says nothing

    bool operator==(const KeysetBounds&) const = default;
};

/// How long an answer with these fields is fresh (RFC 9111 §4.2: max-age less Age; no-cache and
/// no-store are at once), within the bounds.
std::int64_t fresh_for_ms(std::string_view cache_control, std::string_view age,
                          const KeysetBounds& bounds) noexcept;

/// The wait after so many failures in a row: doubling from half a minute up to ten.
std::int64_t retry_after_ms(unsigned failures) noexcept;

/// Who asks for a key that is not there may make a fetch happen this often, whoever and however
/// many they are.
inline constexpr std::int64_t wanted_interval_ms = 30'000;

}  // namespace gatehouse::sidecar
